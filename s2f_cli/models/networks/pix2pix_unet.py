"""The U-Net generator of pix2pix (Isola et al. 2017, §3.2.1 and appendix 6.1.1; reports D and E)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._attention import SelfAttention
from s2f_cli.models.networks._convolution import Conv2d, ConvTranspose2d
from s2f_cli.models.networks._init import dcgan_normal
from s2f_cli.models.networks._norm import InstanceNorm
from s2f_cli.models.networks._squeeze import SqueezeExcitation

__all__ = ["Pix2PixUNet"]


class Pix2PixUNet(Network):
    """(N, in_channels, H, W) → (N, out_channels, H, W) in [-1, 1]; H and W multiples of 2^levels.

    | encoder, at 256×256 | 64  | 128 | 256 | 512 | 512 | 512 | 512 | 512 |
    | ------------------- | --- | --- | --- | --- | --- | --- | --- | --- |
    | size                | 128 | 64  | 32  | 16  | 8   | 4   | 2   | 1   |
    | norm                | no  | yes | yes | yes | yes | yes | yes | no  |

    | decoder             | 512 | 512 | 512 | 512 | 256 | 128 | 64  | out |
    | ------------------- | --- | --- | --- | --- | --- | --- | --- | --- |
    | size                | 2   | 4   | 8   | 16  | 32  | 64  | 128 | 256 |
    | dropout             | yes | yes | yes | no  | no  | no  | no  | no  |

    Convolutions and transposed convolutions are 4×4 with stride 2. LeakyReLU 0.2 precedes those of the
    encoder, ReLU those of the decoder; the last ends in tanh. Layer i is concatenated to layer n - i.
    54 414 531 parameters at 8 levels and 3 → 3 channels.

    The norm is an instance norm with learned scale and shift: the paper uses batch norm with batches of one
    image (appendix 6.2), which is the same. An image's result therefore does not depend on the rest of its
    batch.

    `squeeze` adds a squeeze-and-excitation block with this reduction (16 in Hu et al. 2018) at the smallest
    feature map (report E, figure 2). `attention` adds self-attention after this layer of the encoder (Zhang
    et al. 2019; layer 3 is 32×32 at 256×256). 0 leaves either out. `spectral` divides every weight by its
    largest singular value (Miyato et al. 2018).

    Raises ValueError for an attention layer that does not exist, or a reduction that does not divide the
    channels.
    """

    prefers_channels_first = True

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        features: int = 64,
        levels: int = 8,
        dropout: float = 0.5,
        squeeze: int = 0,
        attention: int = 0,
        spectral: bool = False,
    ) -> None:
        super().__init__()
        if not 0 <= attention < levels:
            raise ValueError(f"attention is a layer from 1 to {levels - 1}, or 0, not {attention}")
        self.multiple = 2**levels
        widths = [features * min(2**level, 8) for level in range(levels)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, features, 4, stride=2, padding=1)])
        for level in range(1, levels):
            self.encoder.append(_down(widths[level - 1], widths[level], norm=level < levels - 1))
        self.attention = nn.ModuleDict()
        if attention:
            self.attention[str(attention - 1)] = SelfAttention(widths[attention - 1])
        self.squeeze = SqueezeExcitation(widths[-1], squeeze) if squeeze else nn.Identity()
        self.decoder = nn.ModuleList()
        for block, level in enumerate(range(levels - 1, 0, -1)):
            inputs = widths[level] if block == 0 else 2 * widths[level]
            self.decoder.append(_up(inputs, widths[level - 1], dropout if block < 3 else 0.0))
        self.output = nn.ConvTranspose2d(2 * features, out_channels, 4, stride=2, padding=1)
        dcgan_normal(self)
        if spectral:
            for layer in list(self.modules()):
                if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                    spectral_norm(layer)

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H, W)."""
        skips = []
        for level, down in enumerate(self.encoder):
            image = down(image)
            if str(level) in self.attention:
                image = self.attention[str(level)](image)
            skips.append(image)
        image = self.squeeze(skips.pop())
        for up in self.decoder:
            image = torch.cat([up(image), skips.pop()], dim=1)
        return torch.tanh(self.output(F.relu(image)))


def _down(inputs: int, outputs: int, norm: bool) -> nn.Sequential:
    convolution = Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=not norm)
    return nn.Sequential(nn.LeakyReLU(0.2), convolution, *([InstanceNorm(outputs)] if norm else []))


def _up(inputs: int, outputs: int, dropout: float) -> nn.Sequential:
    convolution = ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
    return nn.Sequential(nn.ReLU(), convolution, InstanceNorm(outputs), nn.Dropout(dropout))
