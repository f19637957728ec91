"""Small rotations, scalings and shifts (like the jitter of pix2pix: Isola et al. 2017, appendix 6.2)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.augmentations._contract import Augmentation, Draw

__all__ = ["Jitter"]

_BORDERS = ("mirror", "plain")
_STRIP = 4
"""Width of the border whose colour continues around an image, in pixels."""


class Jitter(Augmentation):
    """Crops a square at a random position, rotated by up to `degrees` and scaled by a factor within `scale`.

    `window` is the side of the square in pixels, by default that of the recipe's images: a fully
    convolutional network can learn from windows, which cost less than whole images. Around the image,
    `borders` are `mirror`, or `plain`: the median colour of its upper border, which in portraits is that of
    paper or wall. A square larger than the image then shows it at any place across, and at the bottom,
    because there people are cut off. Raises ValueError unless `scale` is a low and a high number above 0,
    `degrees` is 0 to 45 and `borders` one of these two.
    """

    takes_whole_image = True
    moves_pixels = True

    def __init__(
        self,
        degrees: float = 8.0,
        scale: Sequence[float] = (0.9, 1.25),
        window: int | None = None,
        borders: str = "mirror",
    ) -> None:
        if len(scale) != 2 or not 0 < scale[0] <= scale[1]:
            raise ValueError(f"scale must be a low and a high number above 0, not {list(scale)}")
        if not 0 <= degrees <= 45:
            raise ValueError(f"degrees must be 0 to 45, not {degrees}")
        if borders not in _BORDERS:
            raise ValueError(f"borders must be one of {', '.join(_BORDERS)}, not {borders!r}")
        self.degrees, self.scale, self.output_side, self.borders = degrees, tuple(scale), window, borders

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """(rows, channels, height, width) → (rows, channels, side, side)."""
        side, extent = self.output_side or draw.side, np.array(levels.shape[:1:-1])
        transforms = torch.tensor(np.stack([self._draw_transform(g, side, extent) for g in draw.generators]))
        shape = [*levels.shape[:2], side, side]
        grid = F.affine_grid(
            transforms.float().to(levels.device, non_blocking=True), shape, align_corners=False
        )
        images = levels.float()
        if self.borders == "mirror":
            crops = F.grid_sample(images, grid, "bicubic", "reflection", align_corners=False)
        else:
            plain = _upper_border(images).median(dim=2).values[:, :, None, None]
            crops = plain + F.grid_sample(images - plain, grid, "bicubic", "zeros", align_corners=False)
        return crops.round_().clamp_(0, 255).to(torch.uint8)

    def _draw_transform(
        self, generator: np.random.Generator, side: int, extent: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Draw an affine transform (2, 3) from the square to the image.

        Both have coordinates from -1 to 1; `extent` is the image's (width, height) in pixels.
        """
        angle = np.deg2rad(generator.uniform(-self.degrees, self.degrees))
        scale = np.exp(generator.uniform(*np.log(self.scale)))
        margin = (extent - side / scale) / 2
        middle, reach = extent / 2, np.maximum(margin, 0) + 0.04 * side
        if self.borders == "plain":
            reach[0] = abs(margin[0]) + 0.04 * side
            if margin[1] < 0:
                middle[1], reach[1] = middle[1] + margin[1], 0
        centre = middle + generator.uniform(-1, 1, 2) * reach
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
        return np.column_stack([rotation * side / extent[:, None], 2 * centre / extent - 1])


def _upper_border(images: Tensor) -> Tensor:
    """The pixels along the top and the upper half of both sides: (N, C, H, W) → (N, C, pixels)."""
    half = max(images.shape[2] // 2, 1)
    strips = images[:, :, :_STRIP], images[:, :, :half, :_STRIP], images[:, :, :half, -_STRIP:]
    return torch.cat([strip.flatten(2) for strip in strips], dim=2)
