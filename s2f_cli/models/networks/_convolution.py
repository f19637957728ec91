"""Convolutions that train faster on a CPU than torch's, and equal them.

On maps of at most 8×8 pixels, a convolution with many channels spends most of its time on its weights, which
oneDNN reorders on every call. The weights in memory are already a matrix, so a matrix product avoids that.
Networks most of whose layers are small set `prefers_channels_first`: in that layout, gradients have the
layout of the weights.

On large maps, convolutions of stride 1 with many channels use Winograd's algorithm in fp32.
"""

from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks import _winograd

MAX_PIXELS = 64
"""Maximum pixels of a map whose convolution is computed as a matrix product."""
MAX_ROWS = 1024
"""Maximum rows of the matrix product of a batch."""
WINOGRAD_CHANNELS = 128
"""Minimum channels, of the image and of the result, for Winograd's algorithm."""
WINOGRAD_PIXELS = 900
"""Minimum pixels of the result, over a batch, for Winograd's algorithm."""


class Conv2d(nn.Conv2d):
    """Equals torch's layer; faster in training on a CPU if maps are small."""

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H', W')."""
        size = [
            (side + 2 * border - kernel) // stride + 1
            for side, border, kernel, stride in zip(image.shape[2:], *_windows(self), strict=True)
        ]
        if _suits_winograd(self, image, len(image) * prod(size)):
            padding, reflect = _windows(self)[0], self.padding_mode == "reflect"
            return _winograd.conv2d(image, self.weight, self.bias, padding, reflect)
        if not _is_small(self, image, len(image) * prod(size)):
            return super().forward(image)
        border, kernel, stride = _windows(self)
        columns = F.unfold(image, kernel, padding=border, stride=stride)
        rows = F.linear(columns.mT.flatten(0, 1).contiguous(), self.weight.flatten(1), self.bias)
        return rows.unflatten(0, (len(image), -1)).mT.unflatten(2, size).contiguous()


class ConvTranspose2d(nn.ConvTranspose2d):
    """Equals torch's layer; faster in training on a CPU if maps are small."""

    def forward(self, image: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H', W')."""
        rows = len(image) * image.shape[2:].numel()
        if not _is_small(self, image, rows) or output_size or self.output_padding != (0, 0):
            return super().forward(image, output_size)
        size = tuple(
            (side - 1) * stride - 2 * border + kernel
            for side, border, kernel, stride in zip(image.shape[2:], *_windows(self), strict=True)
        )
        border, kernel, stride = _windows(self)
        columns = image.permute(0, 2, 3, 1).flatten(0, 2).contiguous() @ self.weight.flatten(1)
        result = F.fold(
            columns.unflatten(0, (len(image), -1)).mT, size, kernel, padding=border, stride=stride
        )
        return result if self.bias is None else result + self.bias[:, None, None]


def _windows(layer: nn.Conv2d | nn.ConvTranspose2d) -> tuple[tuple[int, ...], ...]:
    """Padding, kernel size and stride, each as (vertical, horizontal)."""
    assert not isinstance(layer.padding, str)
    return layer.padding, layer.kernel_size, layer.stride


def _is_small(layer: nn.Conv2d | nn.ConvTranspose2d, image: Tensor, rows: int) -> bool:
    small = image.shape[2:].numel() <= MAX_PIXELS and rows <= MAX_ROWS
    plain = layer.weight.is_contiguous() and layer.padding_mode == "zeros"
    return small and plain and _trains_on_cpu(layer, image)


def _suits_winograd(layer: nn.Conv2d, image: Tensor, pixels: int) -> bool:
    return (
        pixels >= WINOGRAD_PIXELS
        and min(layer.in_channels, layer.out_channels) >= WINOGRAD_CHANNELS
        and layer.kernel_size in ((3, 3), (4, 4))
        and layer.stride == (1, 1)
        and layer.padding_mode in ("zeros", "reflect")
        and image.dtype == layer.weight.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
        and _trains_on_cpu(layer, image)
    )


def _trains_on_cpu(layer: nn.Conv2d | nn.ConvTranspose2d, image: Tensor) -> bool:
    return (
        layer.training
        and image.device.type == "cpu"
        and layer.groups == 1
        and layer.dilation == (1, 1)
        and not isinstance(layer.padding, str)
    )
