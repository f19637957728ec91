"""Hinge adversarial loss (Lim and Ye 2017; as in SAGAN, Zhang et al. 2019, equation 4)."""

import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.losses._adversarial import AdversarialLoss
from s2f_cli.training.losses._precision import at_least_float32

__all__ = ["Hinge"]


class Hinge(AdversarialLoss):
    """The critic's loss is mean max(0, 1 - score) for real and mean max(0, 1 + score) for generated images.

    The generator's loss is -mean score.
    """

    def generator_loss(self, scores: Tensor) -> Tensor:
        """Return the generator's loss, which has no margin."""
        scores = at_least_float32(scores)
        return ((1 - 2 * self._labels(scores, 1.0)) * scores).mean()

    def criterion(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the mean of label · max(0, 1 - score) + (1 - label) · max(0, 1 + score)."""
        return (labels * F.relu(1 - scores) + (1 - labels) * F.relu(1 + scores)).mean()
