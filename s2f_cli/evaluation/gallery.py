"""Thumbnails of scored samples, for the HTML report."""

import base64
from collections.abc import Mapping

from PIL import Image

from s2f_cli.core import images
from s2f_cli.evaluation.scoring import Sample

_SIDE = 160
_SHOWN = 3


class Gallery:
    """Input, output and truth of samples, as JPEG in base64."""

    def __init__(self) -> None:
        self._thumbnails: dict[str, dict[str, str]] = {}

    def add(self, sample: Sample) -> None:
        """Add a sample, unless it lacks the output or the truth."""
        if sample.generated is not None and sample.reference is not None:
            roles = {"input": sample.source, "output": sample.generated, "truth": sample.reference}
            self._thumbnails[sample.name] = {r: thumbnail(image) for r, image in roles.items() if image}

    def pick(self, scores: Mapping[str, float], *, best_first: bool) -> dict[str, list[tuple[str, float]]]:
        """Names and scores of the best, median and worst samples in the gallery; all, if there are few.

        With `best_first`, the highest score is the best, else the lowest.
        """
        known = [
            (name, value) for name, value in scores.items() if name in self._thumbnails and value == value
        ]
        ranked = sorted(known, key=lambda entry: entry[1], reverse=best_first)
        if len(ranked) < 3 * _SHOWN:
            return {"from best to worst": ranked} if ranked else {}
        middle = (len(ranked) - _SHOWN) // 2
        return {
            "best": ranked[:_SHOWN],
            "median": ranked[middle : middle + _SHOWN],
            "worst": ranked[-_SHOWN:],
        }

    def thumbnails(self, name: str) -> Mapping[str, str]:
        """The thumbnails of a sample: `input`, `output` or `truth` → JPEG in base64."""
        return self._thumbnails[name]


def thumbnail(image: Image.Image) -> str:
    """An image reduced to at most 160 pixels a side, as JPEG in base64."""
    small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return base64.b64encode(images.encode(small, "JPEG")).decode()
