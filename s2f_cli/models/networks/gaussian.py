"""Sampling from the latent distribution of a VAE (Kingma and Welling 2013, §2.4; report A §2.1)."""

import torch
from torch import Tensor

from s2f_cli.models.networks import Stochastic

__all__ = ["Gaussian"]


class Gaussian(Stochastic):
    """(N, 2 · C, H, W), means and log variances → (N, C, H, W), a sample of each N(mean, variance).

    In training, each row gets its own noise. In evaluation, all rows share it, so that an image's result
    depends on the seed and not on the rest of the batch; report A's figure 10 samples in the same way.
    """

    def forward(self, code: Tensor) -> Tensor:
        """(N, 2 · C, H, W) → (N, C, H, W): mean + σ · noise."""
        mean, log_variance = code.chunk(2, dim=1)
        noise = torch.randn_like(mean if self.training else mean[:1])
        return mean + torch.exp(log_variance / 2) * noise

    def mean(self, code: Tensor) -> Tensor:
        """(N, 2 · C, H, W) → (N, C, H, W): the means."""
        return code.chunk(2, dim=1)[0]
