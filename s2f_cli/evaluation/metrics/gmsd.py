"""Gradient magnitude similarity deviation.

W. Xue, L. Zhang, X. Mou, A. Bovik: Gradient magnitude similarity deviation: a highly efficient perceptual
image quality index, IEEE TIP 23(2), 2014. Scores equal those of the authors' MATLAB code.
"""

import torch

from s2f_cli.evaluation.metrics._contract import ImageTooSmall, PairMetric
from s2f_cli.evaluation.metrics._gradients import gradient, shrink, similarity
from s2f_cli.evaluation.metrics._gray import luma

__all__ = ["gmsd"]

_CONSTANT = 170.0
_FEWEST = 8
"""Pixels that leave two at half size, as a deviation needs."""
_PREWITT = (1 / 3, 1 / 3, 1 / 3)


def _gmsd(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    height, width = generated.shape[-2:]
    if height * width < _FEWEST or min(height, width) < 2:
        raise ImageTooSmall(f"images of {width}x{height} pixels are too small for GMSD")
    first, second = (
        gradient(shrink(luma(images.double(), 255), 2), _PREWITT) for images in (generated, reference)
    )
    return similarity(first, second, _CONSTANT).std(dim=(1, 2, 3), correction=1)


gmsd = PairMetric(
    title="GMSD",
    better="lower",
    unit="0 to 0.5",
    variant="gray at half size, Prewitt gradients, T = 170, sample deviation",
    source="Xue, Zhang, Mou, Bovik, IEEE TIP 23(2), 2014",
    score=_gmsd,
)
