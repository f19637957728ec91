"""Mean squared error (report D §III-B and D)."""

from torch import nn

__all__ = ["MSE"]


class MSE(nn.MSELoss):
    """mean (prediction - target)² over (N, C, H, W); four times its value on images in [0, 1]."""

    def __init__(self) -> None:
        super().__init__()
