"""Structural similarity and mean absolute error together (Zhao et al. 2017, §III)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.training.losses._precision import at_least_float32

__all__ = ["SSIMandL1"]

_RADIUS, _SIGMA = 5, 1.5
_RANGE = 2.0


class SSIMandL1(nn.Module):
    """share · (1 - SSIM) + (1 - share) · mean |prediction - target|; the paper's share is 0.84.

    SSIM (Wang et al. 2004, equation 13) has a Gaussian window of 11 pixels, σ 1.5, that stays inside the
    image, and is averaged over `scales` sizes, each half of the one before. Raises ValueError for a share
    outside [0, 1] or no scale.
    """

    bell: Tensor

    def __init__(self, share: float = 0.84, scales: int = 3) -> None:
        super().__init__()
        if not 0 <= share <= 1 or scales < 1:
            raise ValueError(f"share is 0 to 1 and scales at least 1, not {share} and {scales}")
        self.share, self.scales = share, scales
        places = torch.arange(-_RADIUS, _RADIUS + 1, dtype=torch.float64)
        bell = torch.exp(-places.square() / (2 * _SIGMA**2))
        self.register_buffer("bell", (bell / bell.sum()).float(), persistent=False)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Both (N, C, H, W) in [-1, 1], no smaller than 11 pixels at the last scale; 0 where they are equal.

        Raises ValueError when they are smaller.
        """
        smallest = min(prediction.shape[2:]) // 2 ** (self.scales - 1)
        if smallest <= 2 * _RADIUS:
            raise ValueError(f"images of {smallest} pixels at the last of {self.scales} scales are too small")
        with torch.autocast("cpu" if prediction.is_meta else prediction.device.type, enabled=False):
            made, true = at_least_float32(prediction), at_least_float32(target)
            distance = F.l1_loss(made, true)
            likeness = [self._ssim(made, true)]
            for _ in range(1, self.scales):
                made, true = F.avg_pool2d(made, 2), F.avg_pool2d(true, 2)
                likeness.append(self._ssim(made, true))
            return self.share * (1 - torch.stack(likeness).mean()) + (1 - self.share) * distance

    def _ssim(self, made: Tensor, true: Tensor) -> Tensor:
        blurred = self._blur(torch.cat([made, true, made * made, true * true, made * true]))
        mean_made, mean_true, square_made, square_true, product = blurred.chunk(5)
        luminance, contrast = (0.01 * _RANGE) ** 2, (0.03 * _RANGE) ** 2
        covariance = product - mean_made * mean_true
        variances = square_made - mean_made.square() + square_true - mean_true.square()
        alike = (2 * mean_made * mean_true + luminance) * (2 * covariance + contrast)
        most = (mean_made.square() + mean_true.square() + luminance) * (variances + contrast)
        return (alike / most).mean()

    def _blur(self, images: Tensor) -> Tensor:
        bell = self.bell.to(images.dtype)
        planes = images.flatten(0, 1)[:, None]
        blurred = F.conv2d(F.conv2d(planes, bell[None, None, None]), bell[None, None, :, None])
        return blurred.reshape(*images.shape[:2], *blurred.shape[2:])
