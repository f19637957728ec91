"""Convolutions of maps of few places, as matrix products.

Where a map has 8×8 places and less, a convolution of many channels is mostly its weights, which oneDNN puts
into another order each time. As they lie in memory they are a matrix.
"""

import torch.nn.functional as F
from torch import Tensor, nn

SMALL = 64
"""How many places a small map has at most."""


class Conv2d(nn.Conv2d):
    """The same as torch's; faster in training on a CPU where maps are small."""

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H', W')."""
        if not _fits(self, image):
            return super().forward(image)
        (tall, wide), (height, width) = self.kernel_size, self.stride
        patches = F.pad(image, _border(self)).unfold(2, tall, height).unfold(3, wide, width)
        rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)
        return F.linear(rows, self.weight.flatten(1), self.bias).permute(0, 3, 1, 2).contiguous()


class ConvTranspose2d(nn.ConvTranspose2d):
    """The same as torch's; faster in training on a CPU where maps are small."""

    def forward(self, image: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H', W')."""
        if not _fits(self, image) or output_size or self.output_padding != (0, 0):
            return super().forward(image, output_size)
        columns = image.permute(0, 2, 3, 1).flatten(1, 2) @ self.weight.flatten(1)
        (tall, wide), (height, width) = self.kernel_size, self.stride
        size = (image.shape[2] - 1) * height + tall, (image.shape[3] - 1) * width + wide
        made = F.fold(columns.transpose(1, 2), size, self.kernel_size, stride=self.stride)
        made = F.pad(made, [-border for border in _border(self)])
        return made if self.bias is None else made + self.bias[:, None, None]


def _border(layer: nn.Conv2d | nn.ConvTranspose2d) -> list[int]:
    assert not isinstance(layer.padding, str)
    down, right = layer.padding
    return [right, right, down, down]


def _fits(layer: nn.Conv2d | nn.ConvTranspose2d, image: Tensor) -> bool:
    return (
        layer.training
        and image.device.type == "cpu"
        and image.shape[2] * image.shape[3] <= SMALL
        and layer.weight.is_contiguous()
        and layer.groups == 1
        and layer.dilation == (1, 1)
        and layer.padding_mode == "zeros"
        and not isinstance(layer.padding, str)
    )
