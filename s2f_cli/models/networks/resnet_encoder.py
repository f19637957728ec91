"""The first half of the residual generator, a domain's encoder in ComboGAN (Anoosheh et al. 2018, §3)."""

from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._init import dcgan_normal
from s2f_cli.models.networks._residual import ResidualBlock, encoding

__all__ = ["ResNetEncoder"]


class ResNetEncoder(Network):
    """(N, in_channels, H, W) → (N, 4 · features, H/4, W/4); H and W multiples of 4.

    The layers of `resnet` down to a quarter of the size, and the first `blocks` of its residual blocks.
    """

    multiple = 4

    def __init__(self, in_channels: int = 3, features: int = 64, blocks: int = 4) -> None:
        super().__init__()
        residual = [ResidualBlock(4 * features) for _ in range(blocks)]
        self.layers = nn.Sequential(*encoding(in_channels, features), *residual)
        dcgan_normal(self)

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, 4 · features, H/4, W/4)."""
        return self.layers(image)
