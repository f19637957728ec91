"""Linear decay to zero (CycleGAN: Zhu et al. 2017, §4 and appendix 7.1; report A's published code)."""

__all__ = ["LinearDecay"]


class LinearDecay:
    """Keeps the learning rate for a share `start` of the stage, then decreases it linearly to 0.

    Raises ValueError for a start outside [0, 1).
    """

    def __init__(self, start: float = 0.5) -> None:
        if not 0 <= start < 1:
            raise ValueError(f"start must be at least 0 and less than 1, not {start}")
        self.start = start

    def __call__(self, done: float) -> float:
        """Return the factor of the learning rate after a share `done` (0 to 1) of the stage."""
        return min(1.0, (1 - done) / (1 - self.start))
