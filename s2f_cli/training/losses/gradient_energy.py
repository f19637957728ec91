"""Local gradient energy: as many strokes, as dark and as sharp, in the same region of both images.

The measure of a region is that of the metric `sharpness` (Tenengrad: Krotkov, IJCV 1(3), 1988, section 3.1).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.core.windows import slide
from s2f_cli.training.losses._precision import at_least_float32

__all__ = ["GradientEnergy"]

_SMOOTH = (0.25, 0.5, 0.25)
_DIFFERENCE = (-1.0, 0.0, 1.0)
_FLAT = 1e-6
"""Added to an energy, so that its root has a gradient where an image is flat."""


class GradientEnergy(nn.Module):
    """Mean |RMS gradient of the prediction - that of the target| over square regions, averaged over sizes.

    Regions of `sizes` pixels tile the image; pixels beyond the last whole one do not count. Where strokes lie
    within a region does not matter, so the loss bears drawings that are not registered to the pixel, and a
    blurred mean of possible strokes costs what it lacks. It says nothing of shapes: add it to losses that do.

    Raises ValueError without sizes, or for one below 2.
    """

    def __init__(self, sizes: Sequence[int] = (8, 32)) -> None:
        super().__init__()
        if not sizes or min(sizes) < 2:
            raise ValueError(f"sizes of regions are 2 pixels or more, not {list(sizes)}")
        self.sizes = tuple(sizes)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of images (N, C, H, W) in [-1, 1], a scalar; 0 if they are equal.

        Raises ValueError for images smaller than the largest region and its border of one pixel.
        """
        if min(prediction.shape[2:]) < max(self.sizes) + 2:
            raise ValueError(
                f"images of {min(prediction.shape[2:])} pixels are smaller than a region of {max(self.sizes)}"
            )
        with torch.autocast("cpu" if prediction.is_meta else prediction.device.type, enabled=False):
            found, wanted = (_energy(at_least_float32(image)) for image in (prediction, target))
            return torch.stack(
                [F.l1_loss(_root_mean(found, size), _root_mean(wanted, size)) for size in self.sizes]
            ).mean()


def _energy(image: Tensor) -> Tensor:
    """Squared Sobel gradients (N, C, H - 2, W - 2)."""
    across = slide(slide(image, _SMOOTH, -2), _DIFFERENCE, -1)
    down = slide(slide(image, _DIFFERENCE, -2), _SMOOTH, -1)
    return across.square() + down.square()


def _root_mean(energy: Tensor, size: int) -> Tensor:
    """The root of the mean energy of each region, (N, C, H // size, W // size)."""
    return (F.avg_pool2d(energy, size) + _FLAT).sqrt()
