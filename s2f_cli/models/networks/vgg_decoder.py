"""The decoder of the transfer learning autoencoder (report D §III-D, table II)."""

from itertools import pairwise

from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._keras_same import glorot

__all__ = ["VGGDecoder"]


class VGGDecoder(Network):
    """(N, 512, h, w) → (N, out_channels, 32 h, 32 w): transposed convolutions 256-128-64-32-16, then 3.

    The stride is 2, in the last one 1. LeakyReLU of slope `slope` follows all but the last, which has no
    activation (the report states neither).

    The report contradicts itself: table II prints 5×5 kernels, with 4 366 499 parameters, 19.1 million with
    the encoder; the text counts 16.3 million, 14.7 of them frozen. Kernels of 3×3 have 1 572 259 parameters,
    which agrees with the text, and are the default. `kernel=5` is table II.

    Raises ValueError for a kernel other than 3 and 5.
    """

    def __init__(self, out_channels: int = 3, kernel: int = 3, slope: float = 0.1) -> None:
        super().__init__()
        if kernel not in (3, 5):
            raise ValueError(f"kernel is 3 or 5, not {kernel}")
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise([512, 256, 128, 64, 32, 16]):
            layers += [
                nn.ConvTranspose2d(inputs, outputs, kernel, stride=2, padding=kernel // 2, output_padding=1),
                nn.LeakyReLU(slope),
            ]
        last = nn.ConvTranspose2d(16, out_channels, kernel, padding=kernel // 2)
        self.layers = nn.Sequential(*layers, last)
        glorot(self)

    def forward(self, code: Tensor) -> Tensor:
        """(N, 512, h, w) → (N, out_channels, 32 h, 32 w)."""
        return self.layers(code)
