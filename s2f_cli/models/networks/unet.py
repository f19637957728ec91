"""The U-Net generator of report B (§3.1-3.2; Ronneberger et al. 2015)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks import Network

__all__ = ["UNet"]


class UNet(Network):
    """(N, in_channels, H, W) → (N, out_channels, H, W) in [-1, 1]; H and W multiples of 2^levels.

    Per level two 3×3 convolutions with "same" padding, each with batch norm and LeakyReLU 0.2, then 2×2 max
    pooling; at the bottom two such blocks in `bottleneck_groups` groups (report B §3.2); upwards the skip
    connection is concatenated, two convolutions halve the channels, and nearest ×2 upsampling with a 3×3
    convolution takes the place of the transposed convolution, against checkerboards (Odena et al. 2016). With
    32 features, 4 levels: 32-64-128-256, bottleneck 512. The last block has no activation before the 1×1
    convolution and tanh. (Block layout: report B's published code.) Without `bounded` there is no tanh: a
    pixel that has run into black or white then still has a gradient, which a pixel loss needs to bring it
    back.

    Raises ValueError when the groups do not divide the bottleneck's channels.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        features: int = 32,
        levels: int = 4,
        bottleneck_groups: int = 4,
        bounded: bool = True,
    ) -> None:
        super().__init__()
        self.multiple = 2**levels
        self.bounded = bounded
        widths = [features * 2**level for level in range(levels)]
        bottom = 2 * widths[-1]
        if widths[-1] % bottleneck_groups:
            raise ValueError(f"bottleneck_groups={bottleneck_groups} does not divide {widths[-1]} channels")
        self.encoder = nn.ModuleList(
            _block(before, width) for before, width in zip([in_channels, *widths], widths, strict=False)
        )
        self.bottleneck = nn.Sequential(
            _block(widths[-1], bottom, bottleneck_groups),
            _block(bottom, bottom, bottleneck_groups),
            _up(bottom, widths[-1]),
        )
        self.decoder = nn.ModuleList(
            nn.Sequential(_block(2 * width, width), _up(width, width // 2)) for width in reversed(widths[1:])
        )
        self.last = _block(2 * features, features)[:-1]
        self.output = nn.Conv2d(features, out_channels, kernel_size=1)

    def forward(self, image: Tensor) -> Tensor:  # noqa: D102
        skips = []
        for down in self.encoder:
            image = down(image)
            skips.append(image)
            image = F.max_pool2d(image, 2)
        image = self.bottleneck(image)
        for up in [*self.decoder, self.last]:
            image = up(torch.cat([skips.pop(), image], dim=1))
        image = self.output(image)
        return torch.tanh(image) if self.bounded else image


def _block(inputs: int, outputs: int, groups: int = 1) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, kernel_size=3, padding=1, groups=groups),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(0.2, inplace=True),
        ]
    return nn.Sequential(*layers)


def _up(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, kernel_size=3, padding=1))
