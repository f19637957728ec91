"""A constant learning rate."""

__all__ = ["Constant"]


class Constant:
    """Leaves the learning rate unchanged."""

    def __call__(self, done: float) -> float:
        """Return the factor of the learning rate after a share `done` (0 to 1) of the stage: 1."""
        return 1.0
