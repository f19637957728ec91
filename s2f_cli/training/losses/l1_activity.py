"""L1 penalty on a code, which makes it sparse (report D §III-A; Keras' `activity_regularizer`)."""

from torch import Tensor, nn

from s2f_cli.training.losses._precision import at_least_float32

__all__ = ["L1Activity"]


class L1Activity(nn.Module):
    """Σ |code| of each sample, averaged over the batch."""

    def forward(self, code: Tensor) -> Tensor:
        """`code` is (N, …)."""
        return at_least_float32(code).flatten(1).abs().sum(dim=1).mean()
