"""The encoder of report C's encoder/decoder (§3.1): a stack of downsampling blocks."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._keras_same import SameConv, glorot

__all__ = ["DownStack"]


class DownStack(Network):
    """(N, in_channels, H, W) → (N, widths[-1], H/2ⁿ, W/2ⁿ) for n widths; H and W multiples of 2ⁿ.

    Each block is a 5×5 convolution of stride 2 with "same" padding to the next width (kernel size 5: §4.1),
    batch norm (not in the first block), dropout and LeakyReLU 0.2. The report states neither the widths nor
    the number of blocks of its best model.
    """

    def __init__(
        self,
        in_channels: int = 3,
        widths: Sequence[int] = (64, 128, 256, 512, 512),
        batch_norm: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.multiple = 2 ** len(widths)
        blocks: list[nn.Module] = []
        for number, (inputs, outputs) in enumerate(pairwise([in_channels, *widths])):
            blocks += [
                SameConv(inputs, outputs),
                *([nn.BatchNorm2d(outputs)] if batch_norm and number else []),
                nn.Dropout(dropout),
                nn.LeakyReLU(0.2),
            ]
        self.layers = nn.Sequential(*blocks)
        glorot(self)

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, widths[-1], H/2ⁿ, W/2ⁿ)."""
        return self.layers(image)
