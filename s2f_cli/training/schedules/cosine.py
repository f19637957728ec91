"""Cosine annealing (Loshchilov and Hutter 2017, "SGDR", equation 5, without restarts)."""

import math

__all__ = ["Cosine"]


class Cosine:
    """Decreases the learning rate along half a cosine, from 1 to `floor` times its value.

    Raises ValueError for a floor outside [0, 1].
    """

    def __init__(self, floor: float = 0.0) -> None:
        if not 0 <= floor <= 1:
            raise ValueError(f"floor must be between 0 and 1, not {floor}")
        self.floor = floor

    def __call__(self, done: float) -> float:
        """Return the factor of the learning rate after a share `done` (0 to 1) of the stage."""
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * done)) / 2
