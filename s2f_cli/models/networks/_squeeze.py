"""Squeeze and excitation (Hu et al. 2018; report E §2.2)."""

from torch import Tensor, nn


class SqueezeExcitation(nn.Module):
    """(N, C, H, W) → the same shape: each channel scaled by a number in (0, 1) computed from all channels.

    Global mean → linear to C / `reduction` → ReLU → linear to C → sigmoid → scale.

    Raises ValueError if `reduction` does not divide the channels.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        if channels % reduction:
            raise ValueError(f"squeeze={reduction} does not divide {channels} channels")
        self.excitation = nn.Sequential(
            nn.Linear(channels, channels // reduction),
            nn.ReLU(),
            nn.Linear(channels // reduction, channels),
            nn.Sigmoid(),
        )

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        return image * self.excitation(image.mean(dim=(2, 3)))[:, :, None, None]
