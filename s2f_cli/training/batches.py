"""Batches of training images.

The images of a step, and how they are augmented, depend only on the seed and the step number. There is no
sampler state, so a resumed run sees exactly the images that an uninterrupted one would have seen.
"""

import functools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from s2f_cli.core import images
from s2f_cli.core.errors import DataError
from s2f_cli.data.manifest import Entry, Manifest
from s2f_cli.models.domains import DOMAINS, Domain, other
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.training.augmentations import Draw, Levels
from s2f_cli.training.batch import Batch
from s2f_cli.training.batch_settings import BatchSettings
from s2f_cli.training.conditions import BatchConditions

CACHE_BYTES = 2 * 2**30
"""Size of the cache of decoded images; images beyond it are decoded each time."""
CPU = torch.device("cpu")
_CPU_CHUNK = 4
"""Number of images that are augmented at once on a CPU, so that they fit in its cache."""


class _Row(NamedTuple):
    """A row of a batch before it is augmented."""

    place: int
    """Its index in the batch of this process."""
    number: int
    """The number of its entry."""
    variant: int
    """The variant of the image that it shows, from 0."""
    seed: tuple[int, ...]
    """Seed of its augmentations."""
    levels: Levels
    """The image, and behind its channels the masks of the regions whose colours are conditions."""


class Batches:
    """An endless stream of batches of one split of a data set.

    manifest   the data set
    settings   size of the batches, kind and augmentation of the images
    split      name of the split
    seed       decides the order of the images and their augmentations
    rows       the rows of each batch to draw, for a process that trains on part of a batch; default: all

    An epoch shows every image of the larger domain (or every pair) once, in a new order, or once per variant
    if an augmentation has several. Raises DataError if the split has no pairs, or no images of a domain.
    """

    def __init__(
        self,
        manifest: Manifest,
        settings: BatchSettings,
        *,
        split: str = "train",
        seed: int = 0,
        rows: Sequence[int] | None = None,
    ) -> None:
        self._manifest, self._settings, self._seed = manifest, settings, seed
        self._rows = range(settings.batch_size) if rows is None else rows
        self._paired = settings.pairing == "paired"
        self._entries: dict[Domain, Sequence[Entry]] = {
            domain: manifest.pairs(split) if self._paired else manifest.having(split, domain)
            for domain in settings.sides
        }
        for domain, entries in self._entries.items():
            if not entries:
                raise self._missing_images(split, domain)
        self._variants = max((a.variants for a in settings.augmentations), default=1)
        self._crop_later = any(a.takes_whole_image for a in settings.augmentations)
        self._conditions = (
            BatchConditions(settings.conditions, settings.sides, manifest) if settings.conditions else None
        )
        self._cache: dict[tuple[Domain, int], Levels] = {}
        self._free_bytes = CACHE_BYTES

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        stage: Stage,
        manifest: Manifest,
        *,
        split: str = "train",
        seed: int = 0,
        rows: Sequence[int] | None = None,
    ) -> "Batches":
        """Build the batches of a stage of a recipe."""
        return cls(manifest, BatchSettings.of(recipe, stage), split=split, seed=seed, rows=rows)

    @property
    def epoch_images(self) -> int:
        """The number of images of a domain (or pairs) in one epoch."""
        return max(map(len, self._entries.values())) * self._variants

    def epoch(self, step: int) -> int:
        """Return the epoch, counted from 0, in which a step begins."""
        return step * self._settings.batch_size // self.epoch_images

    def at(self, step: int, device: torch.device = CPU) -> Batch:
        """Return the batch of a step, counted from 0: (rows, channels, side, side) in [-1, 1] by domain.

        Raises ImageError, which names the file, if an image cannot be read.
        """
        vectors = self._conditions.defaults(len(self._rows)).to(device) if self._conditions else None
        by_domain = {domain: self._images(domain, step, device, vectors) for domain in self._entries}
        return Batch.of(by_domain, step, paired=self._paired, conditions=vectors)

    def stream(self, first: int, end: int, device: torch.device = CPU) -> Iterator[Batch]:
        """Yield the batches of steps `first` to `end`, exclusive; prepare the next one in the background."""
        cuda_stream = torch.cuda.Stream(device) if device.type == "cuda" else None

        def prepare(step: int) -> Batch:
            with torch.cuda.stream(cuda_stream):
                batch = self.at(step, device)
            if cuda_stream:
                cuda_stream.synchronize()
            return batch

        with ThreadPoolExecutor(max_workers=1) as worker:
            upcoming = worker.submit(prepare, first) if first < end else None
            for step in range(first, end):
                assert upcoming is not None
                batch = upcoming.result()
                upcoming = worker.submit(prepare, step + 1) if step + 1 < end else None
                yield batch.map(_record_stream) if cuda_stream else batch

    def _images(self, domain: Domain, step: int, device: torch.device, vectors: Tensor | None) -> Tensor:
        """The images of a domain; what they say about the conditions is written into the vectors."""
        chunks = list(
            self._chunks(domain, step, _CPU_CHUNK if device.type == "cpu" else self._settings.batch_size)
        )
        augmented = [self._augment(domain, rows, device, vectors) for rows in chunks]
        batch = torch.empty(len(self._rows), *augmented[0].shape[1:], device=augmented[0].device)
        for row, levels in zip(chain(*chunks), chain(*augmented), strict=True):
            batch[row.place].copy_(levels).div_(127.5).sub_(1.0)
        return batch

    def _chunks(self, domain: Domain, step: int, size: int) -> Iterator[list[_Row]]:
        """Yield the rows of a step in chunks of one shape and variant, with at most `size` rows each."""
        count = len(self._entries[domain]) * self._variants
        stream = 0 if self._paired else DOMAINS.index(domain)
        groups: dict[tuple[object, ...], list[_Row]] = defaultdict(list)
        for place, row in enumerate(self._rows):
            position = step * self._settings.batch_size + row
            order = _epoch_order(self._seed, stream, position // count, count)
            entry, variant = divmod(int(order[position % count]), self._variants)
            levels = self._levels(domain, entry)
            seed = (self._seed, stream, position)
            groups[levels.shape, variant].append(_Row(place, entry, variant, seed, levels))
        for rows in groups.values():
            yield from (rows[first : first + size] for first in range(0, len(rows), size))

    def _augment(
        self, domain: Domain, rows: Sequence[_Row], device: torch.device, vectors: Tensor | None
    ) -> Tensor:
        """Augment rows of one shape and variant; return uint8 (rows, channels, side, side) on the device."""
        levels = torch.from_numpy(np.stack([row.levels for row in rows]))
        levels = (levels.pin_memory() if device.type == "cuda" else levels).to(device, non_blocking=True)
        count = self._conditions.masks_of(domain) if self._conditions else 0
        levels, masks = levels.split((levels.shape[1] - count, count), dim=1)
        for number, augmentation in enumerate(self._settings.augmentations, start=1):
            levels = augmentation(levels, self._draw(domain, rows, number))
            if count and augmentation.moves_pixels:
                masks = augmentation(masks, self._draw(domain, rows, number))
        if self._conditions and vectors is not None:
            self._conditions.fill(vectors, domain, {row.place: row.number for row in rows}, levels, masks)
        return levels

    def _draw(self, domain: Domain, rows: Sequence[_Row], number: int) -> Draw:
        """The draw of an augmentation, numbered from 1, with generators in their initial states."""
        generators = [np.random.default_rng((*row.seed, number)) for row in rows]
        return Draw(domain, self._settings.sides[domain], rows[0].variant, generators)

    def _levels(self, domain: Domain, index: int) -> Levels:
        """Return a decoded image, from the cache if possible."""
        if (domain, index) in self._cache:
            return self._cache[domain, index]
        entry = self._entries[domain][index]
        image = images.read(self._manifest.path(entry, domain))
        levels = images.to_bytes(self._fit(image, domain), self._settings.channels[domain])
        for augmentation in self._settings.augmentations:
            levels = augmentation.prepare(levels, domain)
        if self._conditions:
            found = self._conditions.find(domain, index, entry, image)
            masks = [images.to_bytes(self._fit(mask, domain), 1) for mask in found]
            levels = np.concatenate([levels, *masks])
        if levels.nbytes <= self._free_bytes:
            self._cache[domain, index] = levels
            self._free_bytes -= levels.nbytes
        return levels

    def _fit(self, image: Image.Image, domain: Domain) -> Image.Image:
        """Make an image the training square, or whole and as small if an augmentation crops it."""
        side = self._settings.sides[domain]
        if self._crop_later:
            return images.resize_short_side(image, side)
        return images.fit(image, side, how=self._settings.fit)

    def _missing_images(self, split: str, domain: Domain) -> DataError:
        missing = "pair of a face and a sketch" if self._paired else f"{domain} image"
        one_domain = f", or train on one domain with --set 'data.domains=[\"{other(domain)}\"]'"
        return DataError(
            f"{self._manifest.folder} has no {missing} in its split {split!r}",
            f"it has the splits {', '.join(self._manifest.splits()) or 'none'}; prepare data that has both "
            f"domains{'' if self._paired else one_domain}",
        )


@functools.lru_cache(maxsize=4)
def _epoch_order(seed: int, stream: int, epoch: int, count: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng((seed, stream, epoch)).permutation(count)


def _record_stream(images: Tensor) -> Tensor:
    """Keep the memory of images of another CUDA stream until the current stream is done with them."""
    images.record_stream(torch.cuda.current_stream(images.device))
    return images
