"""The critic of report A (figure 4): one score for a whole image."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from s2f_cli.models.networks import Critic
from s2f_cli.models.networks._convolution import Conv2d
from s2f_cli.models.networks._norm import InstanceNorm

__all__ = ["ImageCritic"]


class ImageCritic(Critic):
    """(N, in_channels, size, size) → (N, 1, 1, 1): an unbounded score.

    | domain        | channels, halving the size at every step |
    | ------------- | ---------------------------------------- |
    | face, 64×64   | 3-256-256-512-1024-1024-1                |
    | sketch, 32×32 | 1-256-512-1024-1024-1                    |

    Each block is a 4×4 convolution of stride 2, instance norm with learned scale and shift, and LeakyReLU
    0.2; the last convolution has neither norm nor activation (§2.2). The report's text says batch norm, its
    figure instance norm. This is the figure's, since a gradient penalty needs scores that do not depend on
    the rest of the batch (Gulrajani et al. 2017, §4). `augment` is that of `patch_critic`.

    Raises ValueError unless `size` is 2 to the power of (number of `widths` + 1).
    """

    prefers_channels_first = True

    def __init__(
        self,
        in_channels: int = 3,
        size: int = 64,
        widths: Sequence[int] = (256, 256, 512, 1024, 1024),
        augment: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if size != 2 ** (len(widths) + 1):
            raise ValueError(f"{len(widths)} widths halve a size of {2 ** (len(widths) + 1)}, not {size}")
        self.multiple = self.size = size
        self.augment = augment
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise([in_channels, *widths]):
            layers += [
                Conv2d(inputs, outputs, 4, stride=2, padding=1),
                InstanceNorm(outputs),
                nn.LeakyReLU(0.2),
            ]
        self.layers = nn.Sequential(*layers, Conv2d(widths[-1], 1, 4, stride=2, padding=1))

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, size, size) → (N, 1, 1, 1)."""
        return self.layers(image if self.augment is None else self.augment(image))
