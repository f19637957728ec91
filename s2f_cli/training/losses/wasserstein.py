"""Wasserstein adversarial loss (Arjovsky et al. 2017, equation 2; report A, equations 1 and 2)."""

from torch import Tensor

from s2f_cli.training.losses._adversarial import AdversarialLoss

__all__ = ["Wasserstein"]


class Wasserstein(AdversarialLoss):
    """-mean score for real images and for the generator, mean score for generated images.

    The critic needs a penalty that bounds its gradients, such as `gradient_penalty`.
    """

    def criterion(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the mean of (1 - 2 · label) · score."""
        return ((1 - 2 * labels) * scores).mean()
