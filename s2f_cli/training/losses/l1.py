"""Mean absolute error (report C §4.1; the cycle of Zhu et al. 2017, equation 2)."""

from torch import nn

__all__ = ["L1"]


class L1(nn.L1Loss):
    """mean |prediction - target| over all elements, both (N, C, H, W); at most 2 for images in [-1, 1]."""

    def __init__(self) -> None:
        super().__init__()
