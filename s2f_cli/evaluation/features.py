"""Features of images. Each extractor is opened once, and features are cached by the content of an image.

The cache is the folder `features` in `s2f_cli.core.paths.cache()`. Deleting it costs only time.
"""

import hashlib
import io
from collections import Counter, defaultdict
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
    """The open extractors and their features, in memory and on disk."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = (folder or paths.cache()) / "features"
        self._opened: dict[object, Extraction] = {}

    def open(self, opener: Callable[[Path | None], Extractor], weights: Path | None) -> "Extraction":
        """The features of one extractor, opened at first use with the weights of a file.

        Raises the exceptions of `opener`.
        """
        key = (opener, weights)
        if key not in self._opened:
            extractor = opener(weights)
            folder = self._folder / extractor.key if extractor.key else None
            self._opened[key] = Extraction(extractor, folder)
        return self._opened[key]


class Extraction:
    """An extractor with the features that it has extracted, by the digest of an image's content."""

    def __init__(self, extractor: Extractor, folder: Path | None) -> None:
        self.variant = extractor.variant
        self._extractor, self._folder = extractor, folder
        self._features: dict[str, Features] = {}

    def get(self, digest: str) -> Features | None:
        """The cached features (D,) of an image; None if there are none."""
        if digest not in self._features and self._folder is not None:
            try:
                self._features[digest] = np.load(self._folder / f"{digest}.npy")
            except (OSError, ValueError, EOFError):
                return None
        return self._features.get(digest)

    def put(self, features: dict[str, Features]) -> None:
        """Keep features that were extracted elsewhere, in memory."""
        self._features.update(features)

    def extract(self, images: dict[str, torch.Tensor]) -> None:
        """Extract and cache the features of images of one size, digest → (1, 3, H, W) in [0, 1].

        If the cache on disk cannot be written, features are kept in memory only.
        """
        rows = self._extractor(torch.cat(list(images.values())))
        for digest, row in zip(images, rows, strict=True):
            self._features[digest] = row
            if self._folder is not None:
                buffer = io.BytesIO()
                np.save(buffer, row)
                try:
                    atomic_write(self._folder / f"{digest}.npy", buffer.getvalue())
                except S2FError:
                    self._folder = None


class FeatureCollector:
    """Collects the features of one subject's generated and reference images; extracts them in batches."""

    def __init__(self, extraction: Extraction) -> None:
        self.variant = extraction.variant
        self._extraction = extraction
        self._digests: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self._waiting: dict[torch.Size, dict[str, torch.Tensor]] = defaultdict(dict)

    def add(self, name: str, image: torch.Tensor, *, is_reference: bool) -> None:
        """Add one image (1, 3, H, W) in [0, 1]."""
        digest = hashlib.sha256(repr(image.shape).encode() + image.numpy().tobytes()).hexdigest()
        self._digests[is_reference][name] = digest
        if self._extraction.get(digest) is None:
            waiting = self._waiting[image.shape]
            waiting[digest] = image
            if len(waiting) == _BATCH:
                self._extract(waiting)

    def flush(self) -> None:
        """Extract the features of all images added so far."""
        for waiting in self._waiting.values():
            self._extract(waiting)

    def state(self) -> tuple[list[dict[str, str]], dict[str, Features]]:
        """The digests of generated and reference images by name, and the features by digest."""
        self.flush()
        digests = {digest for side in self._digests for digest in side.values()}
        rows = {digest: self._extraction.get(digest) for digest in digests}
        return list(self._digests), {digest: row for digest, row in rows.items() if row is not None}

    def add_state(self, digests: list[dict[str, str]], features: dict[str, Features]) -> None:
        """Add what `state` returned."""
        self._extraction.put(features)
        for own, added in zip(self._digests, digests, strict=True):
            own.update(added)

    def features(self, *, paired: bool) -> tuple[list[str], Features, Features]:
        """The names of the generated images, their features (N, D), and those of the references (M, D).

        Images without features, or with features of another length than most, are dropped. With `paired`,
        only images with features on both sides remain, in the same order. Raises MetricError if none remain
        because their lengths differ, or if no face was found in any image.
        """
        generated, reference = (
            {name: row for name, row in side.items() if not np.isnan(row).any()} for side in self._sides()
        )
        if paired:
            generated = {name: row for name, row in generated.items() if name in reference}
            reference = {name: reference[name] for name in generated}
        odd = self.of_other_lengths()
        generated = {name: row for name, row in generated.items() if name not in odd}
        reference = {name: row for name, row in reference.items() if name not in odd}
        if odd and not (generated and reference):
            raise MetricError("all images must have the same size", "resize the images to one size")
        if self.without_features() and not (generated and reference):
            raise MetricError("no face was found in any of the images")
        return list(generated), np.array(list(generated.values())), np.array(list(reference.values()))

    def without_features(self) -> list[str]:
        """The sorted names of images, of either side, that have no features."""
        return sorted({name for side in self._sides() for name, row in side.items() if np.isnan(row).any()})

    def of_other_lengths(self) -> list[str]:
        """The sorted names of images, of either side, with features of another length than most."""
        lengths = [(name, len(row)) for side in self._sides() for name, row in side.items()]
        if not lengths:
            return []
        usual = Counter(length for _, length in lengths).most_common(1)[0][0]
        return sorted({name for name, length in lengths if length != usual})

    def _sides(self) -> list[dict[str, Features]]:
        self.flush()
        sides = []
        for digests in self._digests:
            rows = {name: self._extraction.get(digest) for name, digest in digests.items()}
            sides.append({name: row for name, row in rows.items() if row is not None})
        return sides

    def _extract(self, waiting: dict[str, torch.Tensor]) -> None:
        if waiting:
            self._extraction.extract(waiting)
            waiting.clear()
