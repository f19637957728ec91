"""Least-squares adversarial loss (Mao et al. 2017, equation 2 with a = 0, b = c = 1; reports B and E)."""

import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.losses._adversarial import Adversarial

__all__ = ["LSGAN"]


class LSGAN(Adversarial):
    """mean (score - label)², label 1 for real and 0 for fake; scores are unbounded."""

    middle = 0.5

    def judge(self, scores: Tensor, labels: Tensor) -> Tensor:
        """The mean squared distance of scores from labels, any shape."""
        return F.mse_loss(scores, labels)
