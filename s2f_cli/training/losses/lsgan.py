"""Least-squares adversarial loss (Mao et al. 2017, equation 2 with a = 0, b = c = 1; reports B and E)."""

import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.losses._adversarial import AdversarialLoss

__all__ = ["LSGAN"]


class LSGAN(AdversarialLoss):
    """mean (score - label)², with label 1 for real and 0 for generated images; scores are unbounded."""

    decision_boundary = 0.5

    def criterion(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the mean squared difference of scores and labels."""
        return F.mse_loss(scores, labels)
