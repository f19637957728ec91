"""The convolutional autoencoder of report D (§III-B, table I)."""

import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._keras_same import SameConv, SameConvTranspose, glorot

__all__ = ["ConvAutoencoder"]


class ConvAutoencoder(Network):
    """(N, in_channels, H, W) → (N, out_channels, H, W), unbounded; H and W multiples of 8.

    | layer           | channels | size | kernel | stride | padding |
    | --------------- | -------- | ---- | ------ | ------ | ------- |
    | input           | 3        | 256  |        |        |         |
    | conv            | 16       | 128  | 5×5    | 2      | same    |
    | conv            | 32       | 64   | 5×5    | 2      | same    |
    | conv            | 64       | 32   | 5×5    | 2      | same    |
    | transposed conv | 64       | 64   | 5×5    | 2      | same    |
    | transposed conv | 32       | 128  | 5×5    | 2      | same    |
    | transposed conv | 16       | 256  | 5×5    | 2      | same    |
    | conv            | 3        | 256  | 5×5    | 1      | same    |

    LeakyReLU of slope 0.1 follows every layer but the last, which has no activation (the report names none).
    Weights are initialised as in Keras, which the report used. 233 027 parameters at 3 → 3 channels.
    """

    multiple = 8

    def __init__(self, in_channels: int = 3, out_channels: int = 3) -> None:
        super().__init__()
        self.encoder = nn.ModuleList([SameConv(in_channels, 16), SameConv(16, 32), SameConv(32, 64)])
        self.decoder = nn.ModuleList(
            [SameConvTranspose(64, 64), SameConvTranspose(64, 32), SameConvTranspose(32, 16)]
        )
        self.output = nn.Conv2d(16, out_channels, kernel_size=5, padding=2)
        glorot(self)

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H, W)."""
        for layer in [*self.encoder, *self.decoder]:
            image = F.leaky_relu(layer(image), 0.1)
        return self.output(image)
