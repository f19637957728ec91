"""Unpaired translation by contrast of patches (CUT and FastCUT: Park et al. 2020)."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from s2f_cli.core.images import Domain
from s2f_cli.models.networks import FeatureNetwork
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses._adversarial import Adversarial
from s2f_cli.training.losses.lsgan import LSGAN
from s2f_cli.training.losses.patch_nce import PatchNCE
from s2f_cli.training.objectives._critics import Penalty, fooled, judged, total

__all__ = ["cut"]


def cut(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: Adversarial | None = None,
    contrast: nn.Module | None = None,
    penalty: Penalty | None = None,
    identity: bool = True,
    flip: bool = False,
    patches: int = 256,
) -> Iterator[Move]:
    """The CUT game over each of the recipe's directions, its one role a `resnet`, with critics and
    projectors.

    First the critics move: `real`, `fake` and, if there is a penalty, `penalty`. Then the generators with
    `face_projector` or `sketch_projector`: `adversarial`, and `contrast` of `patches` patches of an image and
    of what is made of it (equation 4); with `identity` also `identity_contrast`, of an image of the target
    domain and what is made of that (§3.2). `flip` turns the images round by chance and their features back
    (FastCUT). Directions are added and share nothing. Losses default to least squares and PatchNCE.
    """
    gan, nce = adversarial or LSGAN(), contrast or PatchNCE()

    def contrasted(to: Domain, source: Tensor, made: Tensor, turned: Tensor) -> Tensor:
        (role,), projector = nets.directions[to], nets[f"{to}_projector"]
        generator = nets[role]
        if not isinstance(generator, FeatureNetwork):
            raise ValueError(f"it compares feature maps, which {role} does not give access to")
        keys, queries = generator.features(source), generator.features(made)
        queries = [torch.where(turned, query.flip(3), query) for query in queries]
        places = [torch.randperm(key.shape[2] * key.shape[3], device=key.device)[:patches] for key in keys]
        pairs = zip(projector(queries, places), projector(keys, places), strict=True)
        return torch.stack([nce(query, key) for query, key in pairs]).mean()

    coin = {to: torch.rand((), device=batch[to].device) < (0.5 if flip else 0.0) for to in nets.directions}
    given = {to: torch.where(coin[to], batch.source(to).flip(3), batch.source(to)) for to in nets.directions}
    made = {to: nets.translate(image, to) for to, image in given.items()}

    yield {"critics": judged(nets, {to: batch[to] for to in made}, made, gan, penalty)}
    terms = {
        "adversarial": fooled(nets, made, gan),
        "contrast": total([contrasted(to, batch.source(to), image, coin[to]) for to, image in made.items()]),
    }
    if identity:
        still = {to: torch.zeros((), dtype=torch.bool, device=image.device) for to, image in made.items()}
        terms["identity_contrast"] = total(
            [contrasted(to, batch[to], nets.translate(batch[to], to), still[to]) for to in made]
        )
    yield {"generators": terms}
