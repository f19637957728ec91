"""Hinge adversarial loss (Lim and Ye 2017; as in SAGAN, Zhang et al. 2019, equation 4)."""

import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.losses._adversarial import Adversarial
from s2f_cli.training.losses._precision import exact

__all__ = ["Hinge"]


class Hinge(Adversarial):
    """Critic: mean max(0, 1 - score) for real, mean max(0, 1 + score) for fake; generator: -mean score."""

    def fool(self, scores: Tensor) -> Tensor:
        """The generator's loss: unlike the critic's it has no margin."""
        scores = exact(scores)
        return ((1 - 2 * self._labels(scores, 1.0)) * scores).mean()

    def judge(self, scores: Tensor, labels: Tensor) -> Tensor:
        """The two margins, each weighed by how much the label is on its side; any shape."""
        return (labels * F.relu(1 - scores) + (1 - labels) * F.relu(1 + scores)).mean()
