"""Layers of the residual generator (Johnson et al. 2016; Zhu et al. 2017, appendix 7.2)."""

from itertools import pairwise

from torch import Tensor, nn

from s2f_cli.models.networks._convolution import Conv2d
from s2f_cli.models.networks._norm import InstanceNorm


class ResidualBlock(nn.Module):
    """(N, C, H, W) → the same shape: the input plus two 3×3 convolutions of it.

    The convolutions have reflected borders and instance norm, with a ReLU in between.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*_block(channels), nn.ReLU(), *_block(channels))

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        return image + self.layers(image)


def encoding(in_channels: int, features: int) -> list[nn.Module]:
    """c7s1-64, d128, d256: a 7×7 convolution, then two 3×3 of stride 2; (N, C, H, W) → (N, C', H/4, W/4)."""
    layers: list[nn.Module] = [
        nn.ReflectionPad2d(3),
        nn.Conv2d(in_channels, features, 7),
        InstanceNorm(),
        nn.ReLU(),
    ]
    for inputs, outputs in pairwise([features, 2 * features, 4 * features]):
        layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), InstanceNorm(), nn.ReLU()]
    return layers


def decoding(out_channels: int, features: int, upsampling: str) -> list[nn.Module]:
    """u128, u64, c7s1-3 and tanh: (N, C, h, w) → (N, C', 4 h, 4 w).

    `upsampling` is `transposed`, for the transposed convolutions of CycleGAN, or `nearest`, for nearest
    upsampling and a 3×3 convolution, which avoids checkerboard artefacts (Odena et al. 2016; report B §1.1).
    Raises ValueError for anything else.
    """
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise([4 * features, 2 * features, features]):
        if upsampling == "transposed":
            layers.append(nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1))
        elif upsampling == "nearest":
            layers += [nn.Upsample(scale_factor=2), Conv2d(inputs, outputs, 3, padding=1)]
        else:
            raise ValueError(f"upsampling is transposed or nearest, not {upsampling!r}")
        layers += [InstanceNorm(), nn.ReLU()]
    return [*layers, nn.ReflectionPad2d(3), nn.Conv2d(features, out_channels, 7), nn.Tanh()]


def _block(channels: int) -> list[nn.Module]:
    # The identity stands where models of older versions have a layer for the border, so that names stay.
    convolution = Conv2d(channels, channels, 3, padding=1, padding_mode="reflect")
    return [nn.Identity(), convolution, InstanceNorm()]
