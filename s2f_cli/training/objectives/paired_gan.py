"""Paired translation with a conditional critic (pix2pix: Isola et al. 2017; report D §III-C).

The optional feature matching is that of pix2pixHD (Wang et al. 2018, equation 4).
"""

from collections.abc import Iterator

from torch import nn

from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses import AdversarialLoss
from s2f_cli.training.objectives._critics import Penalty
from s2f_cli.training.objectives._paired import PairedLosses, paired_moves

__all__ = ["paired_gan"]


def paired_gan(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: AdversarialLoss | None = None,
    distance: nn.Module | None = None,
    penalty: Penalty | None = None,
    matching: nn.Module | None = None,
    perceptual: nn.Module | None = None,
    identity: nn.Module | None = None,
    texture: nn.Module | None = None,
) -> Iterator[Move]:
    """Train the critics, then the generators, for each direction of the recipe.

    Roles: the recipe's directions, `face_critic` or `sketch_critic`. A critic sees an image concatenated to
    its source with the planes of the conditions, so it takes the channels of all three. Terms are summed over
    the directions, which share nothing. The batch must be paired.

    critics      `real`, `fake` and, with a penalty, `penalty`
    generators   `adversarial`; `distance` from the ground truth; with `matching`, that loss of the
                 critic's features of generated and real pairs, averaged over its layers; with
                 `perceptual`, `identity` or `texture`, these further distances from the ground truth

    `adversarial` defaults to the non-saturating loss, `distance` to L1. `distance`, `perceptual`, `identity`
    and `texture` accept any loss of two images. Raises ValueError for an unpaired batch, and for `matching`
    with a critic that is not a `FeatureNetwork`.
    """
    losses = PairedLosses(adversarial, distance, penalty, matching, perceptual, identity, texture)
    fakes = {to: nets.translate(batch.source(to), to) for to in nets.directions}
    yield from paired_moves(nets, batch, fakes, losses)
