"""The decoder of report A's VAE, and the generator of its GANs (figures 5 and 6; Radford et al. 2015)."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._convolution import ConvTranspose2d

__all__ = ["VAEDecoder"]


class VAEDecoder(Network):
    """(N, latent, 1, 1) → (N, out_channels, size, size) in [-1, 1].

    | domain        | channels, doubling the size at every step |
    | ------------- | ----------------------------------------- |
    | face, 64×64   | 256-1024-1024-1024-512-256-3              |
    | sketch, 32×32 | 256-1024-1024-512-256-1                   |

    Each block is a 4×4 transposed convolution of stride 2 without bias (published code), batch norm and ReLU;
    the last has tanh and no norm.

    Raises ValueError unless `size` is 2 to the power of (number of `widths` + 1).
    """

    prefers_channels_first = True

    def __init__(
        self,
        out_channels: int = 3,
        size: int = 64,
        widths: Sequence[int] = (1024, 1024, 1024, 512, 256),
        latent: int = 256,
    ) -> None:
        super().__init__()
        if size != 2 ** (len(widths) + 1):
            raise ValueError(
                f"{len(widths)} widths double up to a size of {2 ** (len(widths) + 1)}, not {size}"
            )
        self.multiple = self.size = size
        self.latent = latent
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise([latent, *widths]):
            layers += [
                ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            ]
        last = ConvTranspose2d(widths[-1], out_channels, 4, stride=2, padding=1, bias=False)
        self.layers = nn.Sequential(*layers, last, nn.Tanh())

    def forward(self, code: Tensor) -> Tensor:
        """(N, latent, 1, 1) → (N, out_channels, size, size)."""
        return self.layers(code)
