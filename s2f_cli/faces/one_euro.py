"""The One Euro filter: points that move are smoothed, little if they move fast, much if they only tremble.

G. Casiez, N. Roussel, D. Vogel: 1 € Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems, CHI 2012, algorithm 1. Here all points share one cutoff, so that they keep their
positions to each other.
"""

import math

import numpy as np
import numpy.typing as npt

_SPEED_CUTOFF = 1.0
"""The cutoff at which the speed is smoothed, in Hz (the paper's d_cutoff)."""

Points = npt.NDArray[np.float64]
"""Shape (n, 2)."""


class OneEuroFilter:
    """Smooths the positions of points that belong together, once per frame."""

    def __init__(self, rate: float, min_cutoff: float = 0.3, beta: float = 4.0) -> None:
        """A filter for `rate` frames per second.

        The cutoff is `min_cutoff` + `beta` · speed, in Hz; the speed is in units (see `update`) per second.
        """
        self._rate, self._min_cutoff, self._beta = rate, min_cutoff, beta
        self._last: Points | None = None
        self._smooth: Points | None = None
        self._velocity: Points | None = None

    def update(self, points: Points, unit: float) -> Points:
        """Smooth the points of the next frame; speeds are measured in `unit` pixels per second."""
        if self._last is None or self._smooth is None or self._velocity is None:
            self._last = self._smooth = points
            self._velocity = np.zeros_like(points)
            return points
        change = (points - self._last) * self._rate
        self._velocity = self._velocity + self._weight(_SPEED_CUTOFF) * (change - self._velocity)
        speed = float(np.hypot(*self._velocity.mean(axis=0))) / unit
        weight = self._weight(self._min_cutoff + self._beta * speed)
        self._last, self._smooth = points, self._smooth + weight * (points - self._smooth)
        return self._smooth

    def move(self, by: Points) -> None:
        """Move all points by a movement that was measured otherwise, shape (2,)."""
        if self._last is not None and self._smooth is not None:
            self._last, self._smooth = self._last + by, self._smooth + by

    def _weight(self, cutoff: float) -> float:
        """The weight of the newest value in an exponential average with a cutoff in Hz."""
        return 1 / (1 + self._rate / (2 * math.pi * cutoff))
