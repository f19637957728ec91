"""The encoder of report A's VAE (figures 5 and 6; Kingma and Welling 2013)."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._convolution import Conv2d

__all__ = ["VAEEncoder"]


class VAEEncoder(Network):
    """(N, in_channels, size, size) → (N, 2 · latent, 1, 1): means, then log variances.

    | domain        | channels, halving the size at every step          |
    | ------------- | ------------------------------------------------- |
    | face, 64×64   | 3-256-512-1024-1024-1024-(256 means, 256 log σ²)  |
    | sketch, 32×32 | 1-256-512-1024-1024-(256 means, 256 log σ²)       |

    Each block is a 3×3 convolution of stride 2 without bias (published code), batch norm and ReLU; the last
    convolution has neither norm nor ReLU, so that means can be negative.

    Raises ValueError unless `size` is 2 to the power of (number of `widths` + 1).
    """

    prefers_channels_first = True

    def __init__(
        self,
        in_channels: int = 3,
        size: int = 64,
        widths: Sequence[int] = (256, 512, 1024, 1024, 1024),
        latent: int = 256,
    ) -> None:
        super().__init__()
        if size != 2 ** (len(widths) + 1):
            raise ValueError(f"{len(widths)} widths halve a size of {2 ** (len(widths) + 1)}, not {size}")
        self.multiple = self.size = size
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise([in_channels, *widths]):
            layers += [
                Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            ]
        self.layers = nn.Sequential(*layers, Conv2d(widths[-1], 2 * latent, 3, stride=2, padding=1))

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, size, size) → (N, 2 · latent, 1, 1)."""
        return self.layers(image)
