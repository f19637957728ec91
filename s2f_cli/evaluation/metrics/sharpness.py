"""Ratio of the sharpness of an image and its reference, measured by gradient energy (Tenengrad).

E. Krotkov: Focusing, IJCV 1(3), 1988, section 3.1. Both a blurred image and one that is too sharp score low.
"""

import torch

from s2f_cli.evaluation.metrics._contract import ImageTooSmall, PairMetric
from s2f_cli.evaluation.metrics._gray import luma

__all__ = ["sharpness"]

_SMALLEST = 3


def _sharpness(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    height, width = generated.shape[-2:]
    if min(height, width) < _SMALLEST:
        raise ImageTooSmall(f"images of {width}x{height} pixels have no gradient: it needs {_SMALLEST}")
    energy, reference_energy = _energies(generated), _energies(reference)
    return torch.minimum(energy, reference_energy) / torch.maximum(energy, reference_energy)


def _energies(images: torch.Tensor) -> torch.Tensor:
    """Mean squared gradients (N,) of images (N, 1 or 3, H, W), without the border."""
    from skimage.filters import sobel_h, sobel_v

    gray = luma(images.double())[:, 0].numpy()
    squares = [(sobel_h(image) ** 2 + sobel_v(image) ** 2)[1:-1, 1:-1] for image in gray]
    return torch.tensor([image.mean() for image in squares], dtype=torch.float64)


sharpness = PairMetric(
    title="Sharpness",
    better="higher",
    unit="0 to 1",
    variant="mean squared Sobel gradient of gray, the smaller by the larger; undefined for two flat images",
    source="Tenengrad: Krotkov, IJCV 1(3), 1988, section 3.1",
    score=_sharpness,
)
