"""Binary cross-entropy of images (report D §III-A)."""

import torch
from torch import Tensor, nn

from s2f_cli.training.losses._precision import exact

__all__ = ["BCE"]


class BCE(nn.Module):
    """-mean (t log p + (1 - t) log(1 - p)) with p and t the images' values moved from [-1, 1] to [0, 1].

    Predictions are kept 1e-7 away from 0 and 1, as in Keras, in which the report was written.
    """

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Both (N, C, H, W) in [-1, 1]; least, but not 0, where they are equal."""
        likely = ((exact(prediction) + 1) / 2).clamp(1e-7, 1 - 1e-7)
        wanted = (exact(target) + 1) / 2
        return -(wanted * torch.log(likely) + (1 - wanted) * torch.log1p(-likely)).mean()
