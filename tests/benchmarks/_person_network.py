"""The network of s2f_cli/models/pretrained/person_mask.py in torch, from which its ONNX graph is written."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_BLOCKS = (  # output channels, channels within, side of the kernel, stride, channels of the gate, activation
    (16, 16, 3, 2, 8, F.relu),
    (24, 72, 3, 2, 0, F.relu),
    (24, 88, 3, 1, 0, F.relu),
    (32, 96, 5, 2, 24, F.hardswish),
    (32, 128, 5, 1, 32, F.hardswish),
    (32, 128, 5, 1, 32, F.hardswish),
    (32, 96, 5, 1, 24, F.hardswish),
    (32, 96, 5, 1, 24, F.hardswish),
)
_SKIPPED = (0, 2)
"""The blocks whose outputs the decoder sees, beside the stem's."""


class PersonMask(nn.Module):
    """The network: (N, 3, 256, 256) in [0, 1] → (N, 1, 256, 256) in [0, 1]; 106 401 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, stride=2)
        self.blocks = nn.ModuleList()
        channels = 16
        for outputs, within, kernel, stride, gate, activation in _BLOCKS:
            self.blocks.append(_Block(channels, outputs, within, kernel, stride, gate, activation))
            channels = outputs
        self.bottom = nn.Conv2d(channels, 128, 1)
        self.bottom_gate = nn.Conv2d(channels, 128, 1)
        self.decoder = nn.ModuleList([_Up(128, 24), _Up(24, 16), _Up(16, 16)])
        self.head = nn.ConvTranspose2d(16, 1, 2, stride=2)

    def forward(self, image: Tensor) -> Tensor:
        """Return the mask."""
        values = F.hardswish(self.stem(_pad(image, 3)))
        skipped = [values]
        for number, block in enumerate(self.blocks):
            values = block(values)
            if number in _SKIPPED:
                skipped.append(values)
        values = F.relu(self.bottom(values)) * torch.sigmoid(self.bottom_gate(_mean(values)))
        for up, skip in zip(self.decoder, reversed(skipped), strict=True):
            values = up(values, skip)
        return torch.sigmoid(self.head(values))


class _Gate(nn.Module):
    """Squeeze and excitation (Hu et al. 2018): a factor in [0, 1] for each channel, from the means of all."""

    def __init__(self, channels: int, within: int) -> None:
        super().__init__()
        self.squeeze, self.excite = nn.Conv2d(channels, within, 1), nn.Conv2d(within, channels, 1)

    def forward(self, values: Tensor) -> Tensor:
        return torch.sigmoid(self.excite(F.relu(self.squeeze(_mean(values)))))


class _Block(nn.Module):
    """An inverted residual block: expand, filter each channel, weight the channels, project."""

    def __init__(
        self,
        channels: int,
        outputs: int,
        within: int,
        kernel: int,
        stride: int,
        gate: int,
        activation: Callable[[Tensor], Tensor],
    ) -> None:
        super().__init__()
        self.activation, self.kernel, self.stride = activation, kernel, stride
        self.expand = nn.Conv2d(channels, within, 1)
        self.filter = nn.Conv2d(within, within, kernel, stride, kernel // 2 * (stride == 1), groups=within)
        self.gate = _Gate(within, gate) if gate else None
        self.project = nn.Conv2d(within, outputs, 1)
        self.residual = stride == 1 and channels == outputs

    def forward(self, values: Tensor) -> Tensor:
        inner = self.activation(self.expand(values))
        inner = inner if self.stride == 1 else _pad(inner, self.kernel)
        inner = self.activation(self.filter(inner))
        if self.gate:
            inner = inner * self.gate(inner)
        outputs: Tensor = self.project(inner)
        return outputs + values if self.residual else outputs


class _Up(nn.Module):
    """Doubles the size, and adds the encoder's values of that size, weighted by channel."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, outputs, 1)
        self.gate = _Gate(outputs, outputs)
        self.mix = nn.Conv2d(outputs, outputs, 1)
        self.filter = nn.Conv2d(outputs, outputs, 3, padding=1, groups=outputs)

    def forward(self, values: Tensor, skipped: Tensor) -> Tensor:
        values = self.reduce(F.interpolate(values, scale_factor=2, mode="bilinear"))
        values = F.relu(self.mix(skipped * self.gate(skipped + values) + values))
        return values + F.relu(self.filter(values))


def _mean(values: Tensor) -> Tensor:
    return values.mean(dim=(2, 3), keepdim=True)


def _pad(values: Tensor, kernel: int) -> Tensor:
    """Pad as TensorFlow's `SAME` does at stride 2 for even sizes: one more at the end than at the start."""
    start = kernel // 2 - 1
    return F.pad(values, (start, start + 1) * 2)
