"""Unpaired translation by contrast of patches (CUT and FastCUT: Park et al. 2020)."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from s2f_cli.models.domains import Domain
from s2f_cli.models.networks import FeatureNetwork
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses import AdversarialLoss
from s2f_cli.training.losses.lsgan import LSGAN
from s2f_cli.training.losses.patch_nce import PatchNCE
from s2f_cli.training.objectives._critics import (
    Penalty,
    discriminator_losses,
    generator_adversarial_loss,
    sum_losses,
)

__all__ = ["cut"]


def cut(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: AdversarialLoss | None = None,
    contrast: nn.Module | None = None,
    penalty: Penalty | None = None,
    identity: bool = True,
    flip: bool = False,
    patches: int = 256,
) -> Iterator[Move]:
    """Train the critics, then the generators with their projectors, for each direction of the recipe.

    Roles: for each direction a chain of one `resnet`, `face_critic` or `sketch_critic`, and `face_projector`
    or `sketch_projector`. Directions are summed and share nothing.

    critics      `real`, `fake` and, with a penalty, `penalty`
    generators   `adversarial`; `contrast` of `patches` patches of each image and of its translation
                 (equation 4); with `identity` also `identity_contrast`, the same for images of the target
                 domain (§3.2)

    With `flip`, inputs are mirrored with probability ½, and the features of their translations mirrored back
    (FastCUT). `adversarial` defaults to LSGAN, `contrast` to PatchNCE. Raises ValueError if a generator is
    not a `FeatureNetwork`.
    """
    gan, nce = adversarial or LSGAN(), contrast or PatchNCE()

    def contrast_loss(to: Domain, source: Tensor, translated: Tensor, mirrored: Tensor) -> Tensor:
        (role,), projector = nets.directions[to], nets[f"{to}_projector"]
        generator = nets[role]
        if not isinstance(generator, FeatureNetwork):
            raise ValueError(f"{role} gives no access to the feature maps that cut compares")
        keys = generator.features(source)
        queries = generator.features(batch.with_conditions(translated))
        queries = [torch.where(mirrored, query.flip(3), query) for query in queries]
        positions = [torch.randperm(key.shape[2] * key.shape[3], device=key.device)[:patches] for key in keys]
        pairs = zip(projector(queries, positions), projector(keys, positions), strict=True)
        return torch.stack([nce(query, key) for query, key in pairs]).mean()

    probability = 0.5 if flip else 0.0
    mirrored = {to: torch.rand((), device=batch[to].device) < probability for to in nets.directions}
    sources = {
        to: torch.where(mirrored[to], batch.source(to).flip(3), batch.source(to)) for to in nets.directions
    }
    fakes = {to: nets.translate(source, to) for to, source in sources.items()}

    yield {"critics": discriminator_losses(nets, {to: batch[to] for to in fakes}, fakes, gan, penalty)}

    terms = {
        "adversarial": generator_adversarial_loss(nets, fakes, gan),
        "contrast": sum_losses(
            [contrast_loss(to, batch.source(to), fake, mirrored[to]) for to, fake in fakes.items()]
        ),
    }
    if identity:
        targets = {to: batch.with_conditions(batch[to]) for to in fakes}
        upright = {to: torch.zeros((), dtype=torch.bool, device=fake.device) for to, fake in fakes.items()}
        terms["identity_contrast"] = sum_losses(
            [contrast_loss(to, targets[to], nets.translate(targets[to], to), upright[to]) for to in fakes]
        )
    yield {"generators": terms}
