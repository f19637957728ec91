"""No schedule."""

__all__ = ["Constant"]


class Constant:
    """The learning rate stays as it is."""

    def __call__(self, done: float) -> float:
        """The factor of the learning rate when a share `done` (0 to 1) of the stage is done: 1."""
        return 1.0
