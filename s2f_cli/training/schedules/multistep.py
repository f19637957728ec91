"""Decay at milestones (report E §3.3.2, PyTorch's `MultiStepLR`)."""

from collections.abc import Sequence

__all__ = ["MultiStep"]


class MultiStep:
    """Multiplies the learning rate by `factor` at each of the `milestones`, shares of the stage.

    Raises ValueError for a milestone or a factor outside [0, 1].
    """

    def __init__(self, milestones: Sequence[float] = (0.5, 0.75), factor: float = 0.1) -> None:
        if not all(0 <= milestone <= 1 for milestone in milestones):
            raise ValueError(
                f"milestones must be shares of the stage between 0 and 1, not {list(milestones)}"
            )
        if not 0 <= factor <= 1:
            raise ValueError(f"factor must be between 0 and 1, not {factor}")
        self.milestones, self.factor = tuple(milestones), factor

    def __call__(self, done: float) -> float:
        """Return the factor of the learning rate after a share `done` (0 to 1) of the stage."""
        return self.factor ** sum(done >= milestone for milestone in self.milestones)
