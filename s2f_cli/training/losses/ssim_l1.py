"""Structural similarity combined with mean absolute error (Zhao et al. 2017, section III)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.core.ssim import ssim_maps
from s2f_cli.core.windows import gaussian
from s2f_cli.training.losses._precision import at_least_float32

__all__ = ["SSIMandL1"]

_WINDOW = gaussian(11, 1.5)


class SSIMandL1(nn.Module):
    """share · (1 - SSIM) + (1 - share) · mean |prediction - target|; the paper's share is 0.84.

    SSIM (Wang et al. 2004, equation 13) has a Gaussian window of 11 pixels, σ 1.5, that stays inside the
    image. It is averaged over `scales` sizes, each half of the previous one. Raises ValueError for a share
    outside [0, 1] or fewer than one scale.
    """

    def __init__(self, share: float = 0.84, scales: int = 3) -> None:
        super().__init__()
        if not 0 <= share <= 1 or scales < 1:
            raise ValueError(f"share is 0 to 1 and scales at least 1, not {share} and {scales}")
        self.share, self.scales = share, scales

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of images (N, C, H, W) in [-1, 1], a scalar; 0 if they are equal.

        Raises ValueError for images of less than 11 pixels at the last scale.
        """
        smallest = min(prediction.shape[2:]) // 2 ** (self.scales - 1)
        if smallest < len(_WINDOW):
            raise ValueError(f"images of {smallest} pixels at the last of {self.scales} scales are too small")
        with torch.autocast("cpu" if prediction.is_meta else prediction.device.type, enabled=False):
            prediction, target = at_least_float32(prediction), at_least_float32(target)
            distance = F.l1_loss(prediction, target)
            similarities = [_mean_ssim(prediction, target)]
            for _ in range(1, self.scales):
                prediction, target = F.avg_pool2d(prediction, 2), F.avg_pool2d(target, 2)
                similarities.append(_mean_ssim(prediction, target))
            return self.share * (1 - torch.stack(similarities).mean()) + (1 - self.share) * distance


def _mean_ssim(prediction: Tensor, target: Tensor) -> Tensor:
    luminance, structure = ssim_maps(prediction, target, _WINDOW, data_range=2.0, centre=0.0)
    return (luminance * structure).mean()
