"""Binary cross-entropy of images (report D §III-A)."""

import torch
from torch import Tensor, nn

from s2f_cli.training.losses._precision import at_least_float32

__all__ = ["BCE"]


class BCE(nn.Module):
    """-mean(t log p + (1 - t) log(1 - p)), with prediction p and target t mapped from [-1, 1] to [0, 1].

    Predictions are clamped to [1e-7, 1 - 1e-7], as in Keras, which the report used.
    """

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Both (N, C, H, W) in [-1, 1]. The minimum, at equal images, is above 0 unless they are binary."""
        p = ((at_least_float32(prediction) + 1) / 2).clamp(1e-7, 1 - 1e-7)
        t = (at_least_float32(target) + 1) / 2
        return -(t * torch.log(p) + (1 - t) * torch.log1p(-p)).mean()
