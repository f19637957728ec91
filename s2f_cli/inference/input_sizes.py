"""At which size a network sees an image, and which size its result has."""

from dataclasses import dataclass

from s2f_cli.core import images
from s2f_cli.core.errors import ImageError
from s2f_cli.inference.options import Size

_LONGEST = 16
"""Aspect ratio above which an image is enlarged less, so that it does not get too many pixels."""


@dataclass(frozen=True)
class InputSizes:
    """The sizes of a direction of a model."""

    side: int
    """Side of the square seen in training, in pixels."""
    squashes: bool
    """Whether the network sees only that square."""
    refined: bool
    """Whether a result larger than `side` gets its detail from refinements."""

    def input_size(self, width: int, height: int, size: Size = "native") -> tuple[int, int]:
        """The width and height at which the network sees an image, before padding.

        Raises ImageError if it would have more than `images.MAX_PIXELS` pixels.
        """
        if size == "model" or self.squashes:
            return self.side, self.side
        if size == "full":
            return width, height
        if size == "native":
            max_scale = max(self.side * (_LONGEST / (width * height)) ** 0.5, 1.0)
            scale = min(self.side / min(width, height), max_scale)
            return max(1, round(width * scale)), max(1, round(height * scale))
        result = images.short_side_size((width, height), size)
        if result[0] * result[1] > images.MAX_PIXELS:
            raise ImageError(
                f"at --size {size} the result has {result[0]}x{result[1]} pixels, more than "
                f"{images.MAX_PIXELS:,}",
                "choose a smaller --size",
            )
        return images.short_side_size((width, height), min(size, self.side)) if self.refined else result
