"""Cuts in a video: frames that show another picture than the one before."""

import numpy as np
from PIL import Image

_SIDE = 32
_CHANGE = 28
"""The mean change of a small gray copy from which a frame is another picture, in levels of 255."""


class CutDetector:
    """Compares each frame with the one before."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None

    def is_cut(self, frame: Image.Image) -> bool:
        """Whether a new shot begins with this frame; the first frame begins one."""
        copy = np.asarray(frame.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float32)
        last, self._last = self._last, copy
        return last is None or float(np.abs(copy - last).mean()) > _CHANGE
