"""The residual generator of CycleGAN (Zhu et al. 2017, §4 and appendix 7.2; report B §3.1)."""

from typing import Literal

from torch import Tensor, nn

from s2f_cli.models.networks import FeatureNetwork
from s2f_cli.models.networks._init import dcgan_normal
from s2f_cli.models.networks._residual import ResidualBlock, decoding, encoding

__all__ = ["ResNet"]


class ResNet(FeatureNetwork):
    """(N, in_channels, H, W) → (N, out_channels, H, W) in [-1, 1]; H and W multiples of 4.

    | layer                   | channels | size at 256 |
    | ----------------------- | -------- | ----------- |
    | 7×7 convolution         | 64       | 256         |
    | 3×3, stride 2           | 128      | 128         |
    | 3×3, stride 2           | 256      | 64          |
    | `blocks` × residual     | 256      | 64          |
    | 3×3 transposed          | 128      | 128         |
    | 3×3 transposed          | 64       | 256         |
    | 7×7 convolution, tanh   | out      | 256         |

    Instance norm and ReLU follow every convolution but the last; borders of the 7×7 and the residual
    convolutions are reflected. At 3 → 3 channels, 9 blocks have 11 378 179 parameters, 6 blocks (for 128×128)
    7 837 699. `upsampling="nearest"` replaces each transposed convolution by nearest upsampling and a 3×3
    convolution.
    """

    multiple = 4

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        features: int = 64,
        blocks: int = 9,
        upsampling: Literal["transposed", "nearest"] = "transposed",
    ) -> None:
        super().__init__()
        self.encoder = nn.Sequential(*encoding(in_channels, features))
        self.blocks = nn.Sequential(*(ResidualBlock(4 * features) for _ in range(blocks)))
        self.decoder = nn.Sequential(*decoding(out_channels, features, upsampling))
        dcgan_normal(self)

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H, W)."""
        return self.decoder(self.blocks(self.encoder(image)))

    def features(self, image: Tensor) -> list[Tensor]:
        """The five maps that CUT compares: the padded image, both strided convolutions, two residual blocks.

        The blocks are the first and the fifth, or the last if there are fewer (Park et al. 2020, appendix C).
        """
        maps = []
        for index, layer in enumerate([*self.encoder, *self.blocks]):
            image = layer(image)
            if index in {0, 4, 7, 10, 10 + min(4, len(self.blocks) - 1)}:
                maps.append(image)
        return maps
