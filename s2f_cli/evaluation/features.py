"""Features of images: extractors opened once, features computed once and kept by the content of the image.

They lie in the folder `features` of the cache (`folders.cache`). Deleting it costs time, nothing else.
"""

import hashlib
import io
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from s2f_cli.core import paths
from s2f_cli.core.errors import MetricError, S2FError
from s2f_cli.core.files import atomic_write
from s2f_cli.evaluation.metrics._contract import Extractor, Features

_BATCH = 10


class FeatureStore:
    """Extractors, and the features that they gave, in memory and on disk."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = (folder or paths.cache()) / "features"
        self._opened: dict[object, _Extraction] = {}

    def open(self, opener: Callable[[Path | None], Extractor], weights: Path | None) -> "_Extraction":
        """The extraction of an opener and a weights file, opened at first use; raises what that raises."""
        key = (opener, weights)
        if key not in self._opened:
            extractor = opener(weights)
            folder = self._folder / extractor.key if extractor.key else None
            self._opened[key] = _Extraction(extractor, folder)
        return self._opened[key]


class _Extraction:
    """One extractor with the features that it gave."""

    def __init__(self, extractor: Extractor, folder: Path | None) -> None:
        self.variant = extractor.variant
        self._extractor, self._folder = extractor, folder
        self._known: dict[str, Features] = {}

    def get(self, content: str) -> Features | None:
        """The features of an image with this content, if they are known."""
        if content not in self._known and self._folder is not None:
            try:
                self._known[content] = np.load(self._folder / f"{content}.npy")
            except (OSError, ValueError, EOFError):
                return None
        return self._known.get(content)

    def extract(self, images: dict[str, torch.Tensor]) -> None:
        """Compute and keep the features of images of one size, content → (1, 3, H, W)."""
        rows = self._extractor(torch.cat(list(images.values())))
        for content, row in zip(images, rows, strict=True):
            self._known[content] = row
            if self._folder is not None:
                buffer = io.BytesIO()
                np.save(buffer, row)
                try:
                    atomic_write(self._folder / f"{content}.npy", buffer.getvalue())
                except S2FError:
                    self._folder = None


class Gatherer:
    """The features of all images of one subject, of generated and reference images, extracted in batches."""

    def __init__(self, extraction: _Extraction) -> None:
        self.variant = extraction.variant
        self._extraction = extraction
        self._content: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self._waiting: dict[torch.Size, dict[str, torch.Tensor]] = defaultdict(dict)

    def add(self, name: str, image: torch.Tensor, *, is_reference: bool) -> None:
        """Take one image (1, 3, H, W) in [0, 1]."""
        content = hashlib.sha256(repr(image.shape).encode() + image.numpy().tobytes()).hexdigest()
        self._content[is_reference][name] = content
        if self._extraction.get(content) is None:
            waiting = self._waiting[image.shape]
            waiting[content] = image
            if len(waiting) == _BATCH:
                self._extract(waiting)

    def _extract(self, waiting: dict[str, torch.Tensor]) -> None:
        if waiting:
            self._extraction.extract(waiting)
            waiting.clear()

    def features(self, *, paired: bool) -> tuple[list[str], Features, Features]:
        """The names of the generated images and the features of both sides, without those that have none.

        Only of images with both, in one order, when `paired`. Raises MetricError when their lengths differ or
        none is left.
        """
        first, second = (
            {name: row for name, row in side.items() if not np.isnan(row).any()} for side in self._found()
        )
        if paired:
            first = {name: row for name, row in first.items() if name in second}
            second = {name: second[name] for name in first}
        if len({len(row) for row in (*first.values(), *second.values())}) > 1:
            raise MetricError("it takes images of one size", "resize them all to one size")
        if self.without_features() and not (first and second):
            raise MetricError("no face was found in any of the images")
        return list(first), np.array(list(first.values())), np.array(list(second.values()))

    def without_features(self) -> list[str]:
        """The images, of either side, in which the extractor finds nothing."""
        return sorted({name for side in self._found() for name, row in side.items() if np.isnan(row).any()})

    def _found(self) -> list[dict[str, Features]]:
        for waiting in self._waiting.values():
            self._extract(waiting)
        sides = []
        for contents in self._content:
            rows = {name: self._extraction.get(content) for name, content in contents.items()}
            sides.append({name: row for name, row in rows.items() if row is not None})
        return sides
