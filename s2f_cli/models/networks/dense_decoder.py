"""The decoder of the sparse autoencoder (report D §III-A, figure 3)."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._keras_same import glorot

__all__ = ["DenseDecoder"]


class DenseDecoder(Network):
    """(N, widths[0], 1, 1) → (N, out_channels, size, size) in [-1, 1]: linear layers 64-128-256-512-image.

    ReLU in between. The last layer ends in a sigmoid, for the report's cross-entropy, rescaled to [-1, 1].
    101 032 832 parameters at 256×256×3.
    """

    def __init__(
        self, out_channels: int = 3, size: int = 256, widths: Sequence[int] = (64, 128, 256, 512)
    ) -> None:
        super().__init__()
        self.multiple = self.size = size
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in pairwise(widths):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        last = nn.Linear(widths[-1], out_channels * size * size)
        self.layers = nn.Sequential(*layers, last, nn.Unflatten(1, (out_channels, size, size)))
        glorot(self)

    def forward(self, code: Tensor) -> Tensor:
        """(N, widths[0], 1, 1) → (N, out_channels, size, size)."""
        return torch.tanh(self.layers(code) / 2)
