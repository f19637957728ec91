"""Images turned, scaled and moved a little (as pix2pix's jitter: Isola et al. 2017, appendix 6.2)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.augmentations._contract import Augmentation, Draw

__all__ = ["Jitter"]


class Jitter(Augmentation):
    """A square out of the whole image, turned by up to `degrees`, scaled within `scale`, anywhere.

    Borders are mirrored. With `window` the square has that many pixels, else as many as training images: a
    fully convolutional network can learn on windows that cost less than images. Raises ValueError when the
    scale is not a low and a high number above 0, or the degrees are not 0 to 45.
    """

    whole = True

    def __init__(
        self, degrees: float = 8.0, scale: Sequence[float] = (0.9, 1.25), window: int | None = None
    ) -> None:
        if len(scale) != 2 or not 0 < scale[0] <= scale[1]:
            raise ValueError(f"scale is a low and a high number above 0, not {list(scale)}")
        if not 0 <= degrees <= 45:
            raise ValueError(f"degrees are 0 to 45, not {degrees}")
        self.degrees, self.scale, self.side = degrees, tuple(scale), window

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """(rows, channels, height, width) → (rows, channels, side, side)."""
        side, extent = self.side or draw.size, np.array(levels.shape[:1:-1])
        views = torch.tensor(np.stack([self._view(random, side, extent) for random in draw.randoms]))
        shape = [*levels.shape[:2], side, side]
        grid = F.affine_grid(views.float().to(levels.device, non_blocking=True), shape, align_corners=False)
        made = F.grid_sample(levels.float(), grid, "bicubic", "reflection", align_corners=False)
        return made.round_().clamp_(0, 255).to(torch.uint8)

    def _view(
        self, random: np.random.Generator, side: int, extent: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """From places in the square to places in an image of `extent` (width, height), both from -1 to 1."""
        angle = np.deg2rad(random.uniform(-self.degrees, self.degrees))
        scale = np.exp(random.uniform(*np.log(self.scale)))
        reach = np.maximum(extent - side / scale, 0) / 2 + 0.04 * side
        centre = extent / 2 + random.uniform(-1, 1, 2) * reach
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
        return np.column_stack([turn * side / extent[:, None], 2 * centre / extent - 1])
