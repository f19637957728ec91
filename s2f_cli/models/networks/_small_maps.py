"""Convolutions of small feature maps, computed as matrix products.

On maps of at most 8×8 pixels, a convolution with many channels spends most of its time on its weights, which
oneDNN reorders on every call. The weights in memory are already a matrix, so a matrix product avoids that.
Networks with these layers set `prefers_channels_first`: in that layout, gradients have the layout of the
weights.
"""

from math import prod

import torch.nn.functional as F
from torch import Tensor, nn

MAX_PIXELS = 64
"""Maximum pixels of a map whose convolution is computed as a matrix product."""
MAX_ROWS = 1024
"""Maximum rows of the matrix product of a batch."""


class Conv2d(nn.Conv2d):
    """Equals torch's layer; faster in training on a CPU if maps are small."""

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H', W')."""
        size = [
            (side + 2 * border - kernel) // stride + 1
            for side, border, kernel, stride in zip(image.shape[2:], *_windows(self), strict=True)
        ]
        if not _fits(self, image, len(image) * prod(size)):
            return super().forward(image)
        border, kernel, stride = _windows(self)
        columns = F.unfold(image, kernel, padding=border, stride=stride)
        rows = F.linear(columns.mT.flatten(0, 1), self.weight.flatten(1), self.bias)
        return rows.unflatten(0, (len(image), -1)).mT.unflatten(2, size).contiguous()


class ConvTranspose2d(nn.ConvTranspose2d):
    """Equals torch's layer; faster in training on a CPU if maps are small."""

    def forward(self, image: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H', W')."""
        rows = len(image) * image.shape[2:].numel()
        if not _fits(self, image, rows) or output_size or self.output_padding != (0, 0):
            return super().forward(image, output_size)
        size = tuple(
            (side - 1) * stride - 2 * border + kernel
            for side, border, kernel, stride in zip(image.shape[2:], *_windows(self), strict=True)
        )
        border, kernel, stride = _windows(self)
        columns = image.permute(0, 2, 3, 1).flatten(0, 2) @ self.weight.flatten(1)
        result = F.fold(
            columns.unflatten(0, (len(image), -1)).mT, size, kernel, padding=border, stride=stride
        )
        return result if self.bias is None else result + self.bias[:, None, None]


def _windows(layer: nn.Conv2d | nn.ConvTranspose2d) -> tuple[tuple[int, ...], ...]:
    """Padding, kernel size and stride, each as (vertical, horizontal)."""
    assert not isinstance(layer.padding, str)
    return layer.padding, layer.kernel_size, layer.stride


def _fits(layer: nn.Conv2d | nn.ConvTranspose2d, image: Tensor, rows: int) -> bool:
    return (
        layer.training
        and image.device.type == "cpu"
        and image.shape[2:].numel() <= MAX_PIXELS
        and rows <= MAX_ROWS
        and layer.weight.is_contiguous()
        and layer.groups == 1
        and layer.dilation == (1, 1)
        and layer.padding_mode == "zeros"
        and not isinstance(layer.padding, str)
    )
