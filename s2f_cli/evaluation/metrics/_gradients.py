"""Gradients and other local operations shared by image metrics."""

import torch
import torch.nn.functional as F

from s2f_cli.core.windows import slide


def shrink(images: torch.Tensor, factor: int) -> torch.Tensor:
    """Average blocks of `factor` × `factor` pixels as MATLAB's `conv2(…, 'same')` and subsampling do, with a
    black border."""
    if factor == 1:
        return images
    before, after = (factor - 1) // 2, factor // 2
    return F.avg_pool2d(F.pad(images, (before, after, before, after)), factor)


def gradient(images: torch.Tensor, smoothing: tuple[float, float, float]) -> torch.Tensor:
    """Gradient magnitudes of images (…, H, W) from differences two pixels apart, with a black border."""
    padded = F.pad(images, (1, 1, 1, 1))
    across, down = slide(padded, smoothing, -2), slide(padded, smoothing, -1)
    return torch.hypot(across[..., 2:] - across[..., :-2], down[..., 2:, :] - down[..., :-2, :])


def similarity(first: torch.Tensor, second: torch.Tensor, constant: float) -> torch.Tensor:
    """(2ab + c) / (a² + b² + c), elementwise: 1 where a and b are equal."""
    return (2 * first * second + constant) / (first.square() + second.square() + constant)
