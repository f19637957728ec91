"""The decoder of report C's encoder/decoder (§3.1): a stack of upsampling blocks."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._keras_same import SameConvTranspose, glorot

__all__ = ["UpStack"]


class UpStack(Network):
    """(N, widths[0], h, w) → (N, out_channels, 2ⁿ h, 2ⁿ w) in [-1, 1] for n widths.

    Each block is a transposed 5×5 convolution of stride 2 with "same" padding to the next width (kernel size
    5: §4.1), dropout and LeakyReLU 0.2; the last one returns the image and ends in tanh. The report states
    neither the widths nor the number of blocks of its best model.
    """

    def __init__(
        self, out_channels: int = 3, widths: Sequence[int] = (512, 512, 256, 128, 64), dropout: float = 0.0
    ) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            blocks += [SameConvTranspose(inputs, outputs), nn.Dropout(dropout), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*blocks, SameConvTranspose(widths[-1], out_channels), nn.Tanh())
        glorot(self)

    def forward(self, code: Tensor) -> Tensor:
        """(N, widths[0], h, w) → (N, out_channels, 2ⁿ h, 2ⁿ w)."""
        return self.layers(code)
