"""Whether lines are as sharp as the reference's: gradient energies (Tenengrad), compared.

E. Krotkov: Focusing, IJCV 1(3), 1988, §3.1. A blurred image scores low, and so does a harsher one.
"""

import torch

from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._gradients import gradient
from s2f_cli.evaluation.metrics._gray import luma

__all__ = ["sharpness"]

_SOBEL = (0.25, 0.5, 0.25)


def _energy(images: torch.Tensor) -> torch.Tensor:
    """Mean squared gradient of images (N, 1 or 3, H, W), without the border: (N,)."""
    return gradient(luma(images.double()), _SOBEL)[..., 1:-1, 1:-1].square().mean(dim=(1, 2, 3))


def _sharpness(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    made, true = _energy(generated), _energy(reference)
    return torch.minimum(made, true) / torch.maximum(made, true)


sharpness = PairMetric(
    title="Sharpness",
    better="higher",
    unit="0 to 1",
    variant="mean squared Sobel gradient of gray, the smaller by the larger; undefined for two flat images",
    source="Tenengrad: Krotkov, IJCV 1(3), 1988, section 3.1",
    score=_sharpness,
)
