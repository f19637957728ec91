"""The U-Net generator of report B (§3.1-3.2; Ronneberger et al. 2015)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks import Network

__all__ = ["UNet"]


class UNet(Network):
    """(N, in_channels, H, W) → (N, out_channels, H, W) in [-1, 1]; H and W multiples of 2^levels.

    Downwards, each level is two 3×3 convolutions with "same" padding, each with batch norm and LeakyReLU 0.2,
    then 2×2 max pooling. The bottleneck is two blocks of these in `bottleneck_groups` groups (report B §3.2).
    Upwards, the skip connection is concatenated, two convolutions halve the channels, and nearest upsampling
    with a 3×3 convolution replaces the transposed convolution, to avoid checkerboard artefacts (Odena et al.
    2016). With 32 features and 4 levels, the widths are 32-64-128-256 and 512 in the bottleneck. The last
    block has no activation before the 1×1 convolution and tanh. (Block layout: report B's published code.)

    `bounded=False` leaves out the tanh, so that a pixel saturated at black or white keeps a gradient, which a
    pixel loss needs.

    Raises ValueError if `bottleneck_groups` does not divide the bottleneck's channels.
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

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H, W)."""
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
