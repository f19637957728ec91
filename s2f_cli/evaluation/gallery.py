"""Small pictures of samples, kept while scoring; a report shows the best, the median and the worst."""

import base64
from collections.abc import Mapping

from PIL import Image

from s2f_cli.core import images
from s2f_cli.evaluation.scoring import Sample

_SIDE = 160
_SHOWN = 3


class Gallery:
    """The input, the output and the truth of samples, as JPEG files in base64."""

    def __init__(self) -> None:
        self._pictures: dict[str, dict[str, str]] = {}

    def add(self, sample: Sample) -> None:
        """Keep a sample that has an output and a truth."""
        if sample.generated is not None and sample.reference is not None:
            shown = {"input": sample.source, "output": sample.generated, "truth": sample.reference}
            self._pictures[sample.name] = {k: _thumbnail(image) for k, image in shown.items() if image}

    def pick(self, scores: Mapping[str, float], *, best_first: bool) -> dict[str, list[tuple[str, float]]]:
        """Names and scores of the best, the median and the worst samples, of those that were kept.

        `best_first` says whether the highest score is the best.
        """
        known = [(name, value) for name, value in scores.items() if name in self._pictures and value == value]
        ranked = sorted(known, key=lambda entry: entry[1], reverse=best_first)
        if len(ranked) < 3 * _SHOWN:
            return {"from best to worst": ranked} if ranked else {}
        middle = (len(ranked) - _SHOWN) // 2
        return {
            "best": ranked[:_SHOWN],
            "median": ranked[middle : middle + _SHOWN],
            "worst": ranked[-_SHOWN:],
        }

    def pictures(self, name: str) -> Mapping[str, str]:
        """What a picture shows → its JPEG file in base64, for a sample that was kept."""
        return self._pictures[name]


def _thumbnail(image: Image.Image) -> str:
    small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return base64.b64encode(images.encode(small, "JPEG")).decode()
