"""What every game between generators and critics has in common: how the critics' side is played."""

from collections.abc import Mapping

from torch import Tensor, nn

from s2f_cli.core.images import Domain
from s2f_cli.models.networks import AdaptiveAugmentation, Critic
from s2f_cli.models.roles import Networks
from s2f_cli.training.losses._adversarial import Adversarial

Penalty = nn.Module
"""A loss of (critic, real images, generated images), such as `gradient_penalty` or `r1`."""


def fooled(nets: Networks, made: Mapping[Domain, Tensor], gan: Adversarial) -> Tensor:
    """The generators' loss for the images made of each domain, judged by its critic; domains added."""
    return total([gan.fool(nets[f"{domain}_critic"](images)) for domain, images in made.items()])


def judged(
    nets: Networks,
    true: Mapping[Domain, Tensor],
    made: Mapping[Domain, Tensor],
    gan: Adversarial,
    penalty: Penalty | None = None,
) -> dict[str, Tensor]:
    """The terms of the critics: `real`, `fake` and, if there is one, `penalty`; domains added.

    `made` is cut off from the generators. Where there is a role `face_pool` or `sketch_pool` the critic sees
    what the pool gives back. A critic's adaptive augmentation is told how far the scores of real images lie
    from the middle of the game.
    """
    real, fake, held = [], [], []
    for domain, images in made.items():
        critic, shown = nets[f"{domain}_critic"], images.detach()
        if f"{domain}_pool" in nets:
            shown = nets[f"{domain}_pool"](shown)
        scores = critic(true[domain])
        if isinstance(critic, Critic) and isinstance(critic.augment, AdaptiveAugmentation):
            critic.augment.observe(scores.detach() - gan.middle)
        real.append(gan.real(scores))
        fake.append(gan.fake(critic(shown)))
        if penalty is not None:
            held.append(penalty(critic, true[domain], shown))
    terms = {"real": total(real), "fake": total(fake)}
    return terms | {"penalty": total(held)} if held else terms


def total(losses: list[Tensor]) -> Tensor:
    """The sum of at least one loss."""
    return sum(losses[1:], start=losses[0])
