"""Luma, for metrics that are defined on gray images."""

import torch


def luma(images: torch.Tensor, peak: float = 1.0) -> torch.Tensor:
    """Convert images (N, 1 or 3, H, W) in [0, 1] to gray (N, 1, H, W) in [0, `peak`] by ITU-R BT.601."""
    if images.shape[1] == 1:
        return images * peak
    weights = images.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return (images * weights).sum(dim=1, keepdim=True) * peak
