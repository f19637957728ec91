"""Residual blocks without norms that follow a code: weight-normalised convolutions and FiLM."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks._squeeze import SqueezeExcitation

_GAIN = 1.7
"""Standard deviation that a convolution restores after SiLU, which takes about this factor away."""


class NormalisedConv2d(nn.Conv2d):
    """A convolution whose filters have a learnt length (Salimans and Kingma 2016; Karras et al. 2024, §2.3).

    It replaces a norm of the feature maps: in a trained network it is an ordinary convolution. An odd
    `kernel` keeps the size at stride 1; at a larger stride there is no padding.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        stride: int = 1,
        gain: float = 1.0,
        padding_mode: Literal["zeros", "replicate"] = "zeros",
    ) -> None:
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, padding, padding_mode=padding_mode)
        nn.init.normal_(self.weight, std=0.2)
        nn.init.zeros_(self.bias)  # type: ignore[arg-type]
        self.gain = nn.Parameter(torch.full((outputs, 1, 1, 1), gain))

    def forward(self, image: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H', W')."""
        return self._conv_forward(image, self._filters(), self.bias)

    def plain(self) -> nn.Conv2d:
        """Return an ordinary convolution with the same filters."""
        layer = nn.Conv2d(
            self.in_channels,
            self.out_channels,
            self.kernel_size,  # type: ignore[arg-type]
            self.stride,  # type: ignore[arg-type]
            self.padding,  # type: ignore[arg-type]
            padding_mode=self.padding_mode,
        )
        layer.weight, layer.bias = nn.Parameter(self._filters().detach()), self.bias
        return layer.requires_grad_(False)

    def _filters(self) -> Tensor:
        squares = self.weight.square().mean(dim=(1, 2, 3), keepdim=True) * self.weight[0].numel()
        return self.weight * (squares + 1e-4).rsqrt() * self.gain


class ConditionCode(nn.Sequential):
    """The code of a condition vector: (N, conditions) → (N, width), by a network of two layers."""

    def __init__(self, conditions: int, width: int) -> None:
        super().__init__(nn.Linear(conditions, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())


class Film(nn.Module):
    """Scales and shifts channels by linear functions of a code (FiLM: Perez et al. 2018, equation 2)."""

    def __init__(self, code: int, channels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(code, 2 * channels)
        nn.init.normal_(self.linear.weight, std=0.1)
        nn.init.zeros_(self.linear.bias)

    def forward(self, image: Tensor, code: Tensor) -> Tensor:
        """(N, channels, H, W) and (N, code) → (N, channels, H, W)."""
        scale, shift = self.linear(code).to(image.dtype)[:, :, None, None].chunk(2, dim=1)
        return torch.addcmul(shift, image, 1 + scale)


class FilmLevel(nn.ModuleList):
    """Residual blocks that run one after the other, each with the same code."""

    def __init__(self, count: int, channels: int, code: int, squeeze: bool = True) -> None:
        super().__init__(FilmBlock(channels, code, squeeze) for _ in range(count))

    def forward(self, image: Tensor, code: Tensor) -> Tensor:
        """(N, channels, H, W) and (N, code) → (N, channels, H, W)."""
        for block in self:
            image = block(image, code)
        return image


class FilmBlock(nn.Module):
    """A residual block of two 3×3 convolutions, FiLM between them, and squeeze and excitation at the end.

    The residual branch is scaled by learnt factors that start small (De and Smith 2020), which keeps a
    network without norms stable. Without a code (`code` is 0) there is no FiLM. Squeeze and excitation sees
    the whole image; without it (`squeeze` is false) a pixel depends on those around it only.
    """

    def __init__(self, channels: int, code: int, squeeze: bool = True) -> None:
        super().__init__()
        self.first = NormalisedConv2d(channels, channels, gain=_GAIN)
        self.film = Film(code, channels) if code else None
        self.second = NormalisedConv2d(channels, channels, gain=2 * _GAIN)
        self.squeeze = SqueezeExcitation(channels, 8) if squeeze else nn.Identity()
        self.share = nn.Parameter(torch.full((channels, 1, 1), 0.25))

    def forward(self, image: Tensor, code: Tensor) -> Tensor:
        """(N, channels, H, W) and (N, code) → (N, channels, H, W)."""
        branch = self.first(F.silu(image))
        if self.film is not None:
            branch = self.film(branch, code)
        branch = self.squeeze(self.second(F.silu(branch)))
        return torch.addcmul(image, branch, self.share.to(image.dtype))
