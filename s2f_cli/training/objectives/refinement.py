"""Refinement of translations at twice the size (LAPGAN: Denton et al. 2015, §3.2; Ho et al. 2022, §4)."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses import AdversarialLoss
from s2f_cli.training.objectives._critics import Penalty
from s2f_cli.training.objectives._paired import PairedLosses, paired_moves

__all__ = ["refinement"]


def refinement(
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
    noise: float = 0.05,
) -> Iterator[Move]:
    """Train the critics, then the networks of the recipe's refinements, on ground truth at half the size.

    The ground truth is shrunk by two, and the chain of `refinements` restores it from the source. Noise makes
    up for the difference to generated images (conditioning augmentation: Ho et al. 2022, §4.2): normal, with
    a standard deviation drawn for each image between 0 and `noise`, of values in [-1, 1].

    Roles, players, terms and the other options are those of `paired_gan`. Raises ValueError for an unpaired
    batch, and for `matching` with a critic that is not a `FeatureNetwork`.
    """
    losses = PairedLosses(adversarial, distance, penalty, matching, perceptual, identity, texture)
    fakes = {
        to: nets.refine(batch.source(to), _shrink(batch.target(to), noise), to) for to in nets.refinements
    }
    yield from paired_moves(nets, batch, fakes, losses)


def _shrink(image: Tensor, noise: float) -> Tensor:
    """Halve the size of images (N, C, H, W), and add noise."""
    small = F.avg_pool2d(image, 2)
    strength = noise * torch.rand(len(small), 1, 1, 1, device=small.device)
    return small + strength * torch.randn(small.shape, device=small.device)
