"""Mean absolute error."""

from torch import nn

__all__ = ["L1"]


class L1(nn.L1Loss):
    """mean |prediction - target| over all elements, both (N, C, H, W); at most 2 for images in [-1, 1]."""

    def __init__(self) -> None:
        super().__init__()
