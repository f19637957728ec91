"""Wasserstein adversarial loss (Arjovsky et al. 2017, equation 2; report A equations 1 and 2)."""

from torch import Tensor

from s2f_cli.training.losses._adversarial import Adversarial

__all__ = ["Wasserstein"]


class Wasserstein(Adversarial):
    """-mean score for real and to fool, mean score for fake; its critic has to be held back by a penalty."""

    def judge(self, scores: Tensor, labels: Tensor) -> Tensor:
        """The mean of (1 - 2 · label) · score, any shape."""
        return ((1 - 2 * labels) * scores).mean()
