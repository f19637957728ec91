"""The second half of the residual generator, a domain's decoder in ComboGAN (Anoosheh et al. 2018, §3)."""

from typing import Literal

from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._init import dcgan_normal
from s2f_cli.models.networks._residual import ResidualBlock, decoding

__all__ = ["ResNetDecoder"]


class ResNetDecoder(Network):
    """(N, 4 · features, h, w) → (N, out_channels, 4 h, 4 w) in [-1, 1].

    The last `blocks` residual blocks of `resnet`, then its layers up to the image.
    """

    def __init__(
        self,
        out_channels: int = 3,
        features: int = 64,
        blocks: int = 5,
        upsampling: Literal["transposed", "nearest"] = "transposed",
    ) -> None:
        super().__init__()
        residual = [ResidualBlock(4 * features) for _ in range(blocks)]
        self.layers = nn.Sequential(*residual, *decoding(out_channels, features, upsampling))
        dcgan_normal(self)

    def forward(self, code: Tensor) -> Tensor:
        """(N, 4 · features, h, w) → (N, out_channels, 4 h, 4 w)."""
        return self.layers(code)
