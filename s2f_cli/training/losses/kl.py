"""Kullback-Leibler divergence of a VAE's code.

Kingma and Welling 2013, appendix B; report A, equations 1 and 3.
"""

from torch import Tensor, nn

from s2f_cli.training.losses._precision import at_least_float32

__all__ = ["KL"]


class KL(nn.Module):
    """KL(N(μ, σ²) ‖ N(0, 1)) = -½ (1 + log σ² - μ² - σ²), averaged over all elements.

    Report A's published code also averages over both samples and latent dimensions; its weight of 5000 is
    meant for this average.
    """

    def forward(self, code: Tensor) -> Tensor:
        """`code` is (N, 2 · C, …): means, then log variances."""
        mean, log_variance = at_least_float32(code).chunk(2, dim=1)
        return (mean.square() + log_variance.exp() - 1 - log_variance).mean() / 2
