"""Non-saturating adversarial loss (Goodfellow et al. 2014; DCGAN: Radford et al. 2015; report A §2.2)."""

import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.losses._adversarial import AdversarialLoss

__all__ = ["Nonsaturating"]


class Nonsaturating(AdversarialLoss):
    """Cross-entropy of sigmoid(score) and the label; scores are unbounded logits.

    The generator maximises log D(G(z)) instead of minimising log(1 - D(G(z))) (Goodfellow et al. 2014, §3).
    """

    def criterion(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the mean of softplus(score) - label · score."""
        return F.binary_cross_entropy_with_logits(scores, labels)
