"""The encoder of the sparse autoencoder (report D §III-A, figure 3)."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._keras_same import glorot

__all__ = ["DenseEncoder"]


class DenseEncoder(Network):
    """(N, in_channels, size, size) → (N, widths[-1], 1, 1): flattened, then linear layers 512-256-128-64.

    A ReLU follows each; the report names no activation, and with this one inactive units are exactly 0. The
    report's L1 penalty makes the code sparse. 100 836 288 parameters at 256×256×3, 201 869 120 with
    `dense_decoder`.
    """

    def __init__(
        self, in_channels: int = 3, size: int = 256, widths: Sequence[int] = (512, 256, 128, 64)
    ) -> None:
        super().__init__()
        self.multiple = self.size = size
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in pairwise([in_channels * size * size, *widths]):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Unflatten(1, (-1, 1, 1)))
        glorot(self)

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, size, size) → (N, widths[-1], 1, 1)."""
        return self.layers(image)
