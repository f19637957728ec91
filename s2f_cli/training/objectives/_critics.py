"""The losses of generators and critics over all domains, shared by the adversarial objectives.

The critic of a domain (the discriminator) is the role `face_critic` or `sketch_critic`.
"""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from s2f_cli.models.domains import Domain
from s2f_cli.models.networks import AdaptiveAugmentation, Critic
from s2f_cli.models.roles import Networks
from s2f_cli.training.losses import AdversarialLoss

Penalty = nn.Module
"""A loss called with a critic, real and generated images, such as `gradient_penalty` or `r1`."""


def generator_adversarial_loss(
    nets: Networks, fakes: Mapping[Domain, Tensor], gan: AdversarialLoss
) -> Tensor:
    """Return the generators' loss for generated images (N, C, H, W) by domain, summed over the domains."""
    return sum_losses([gan.generator_loss(nets[f"{domain}_critic"](fake)) for domain, fake in fakes.items()])


def discriminator_losses(
    nets: Networks,
    reals: Mapping[Domain, Tensor],
    fakes: Mapping[Domain, Tensor],
    gan: AdversarialLoss,
    penalty: Penalty | None = None,
) -> dict[str, Tensor]:
    """Return the critics' terms `real`, `fake` and, with a penalty, `penalty`, each summed over the domains.

    Generated images are detached. If there is a role `face_pool` or `sketch_pool`, the critic scores the
    images that the pool returns for them. A critic's adaptive augmentation observes how far the scores of
    real images are from the decision boundary.
    """
    real_losses, fake_losses, penalties = [], [], []
    for domain, generated in fakes.items():
        critic, real, fake = nets[f"{domain}_critic"], reals[domain], generated.detach()
        if f"{domain}_pool" in nets:
            fake = nets[f"{domain}_pool"](fake)
        real_scores = critic(real)
        if isinstance(critic, Critic) and isinstance(critic.augment, AdaptiveAugmentation):
            critic.augment.observe(real_scores.detach() - gan.decision_boundary)
        real_losses.append(gan.real_loss(real_scores))
        fake_losses.append(gan.fake_loss(critic(fake)))
        if penalty is not None:
            penalties.append(penalty(critic, real, fake))
    terms = {"real": sum_losses(real_losses), "fake": sum_losses(fake_losses)}
    return terms | {"penalty": sum_losses(penalties)} if penalties else terms


def sum_losses(losses: Sequence[Tensor]) -> Tensor:
    """Return the sum of at least one loss."""
    return sum(losses[1:], start=losses[0])
