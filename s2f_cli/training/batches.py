"""Batches from a manifest: which images a step sees, and how they are turned, is a function of seed and step
alone.

No sampler state exists, so a resumed run sees exactly what an uninterrupted one would have.
"""

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from s2f_cli.core import images
from s2f_cli.core.errors import DataError
from s2f_cli.core.images import DOMAINS, Domain, Fit, other
from s2f_cli.data.manifest import Entry, Manifest
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.training.augmentations._contract import Augmentation, Draw
from s2f_cli.training.batch import Batch
from s2f_cli.training.build import build_augmentations

MEMORY = 2 * 2**30
"""Bytes of decoded images that are kept; what does not fit is decoded anew each time."""
CPU = torch.device("cpu")
_PIECE = 4
"""Images that a processor augments at once: as many as stay in its cache."""


class _Row(NamedTuple):
    """A row of a batch before it is augmented: its place, its turn, and what seeds its chance."""

    place: int
    turn: int
    key: tuple[int, ...]
    levels: npt.NDArray[np.uint8]


class Batches:
    """The endless stream of a split's images, `batch_size` at a time.

    Paired: row i of face and sketch is one pair, turned the same way. Unpaired: each domain is drawn on its
    own, and with one of `domains` left out only the other is. `size` is the side of both domains' images, or
    of each. An epoch passes once over the longer domain in a fresh order, or as often as an augmentation has
    turns. `rows` are those of each batch that are drawn here, where several processes share a batch; all if
    none are named.

    Raises DataError when the split lacks pairs, or images of a domain.
    """

    def __init__(
        self,
        manifest: Manifest,
        split: str,
        *,
        pairing: Literal["paired", "unpaired"],
        size: int | Mapping[Domain, int],
        fit: Fit,
        channels: Mapping[Domain, Literal[1, 3]],
        batch_size: int,
        augment: Sequence[Augmentation] = (),
        domains: Sequence[Domain] = DOMAINS,
        seed: int = 0,
        rows: Sequence[int] | None = None,
    ) -> None:
        self._manifest, self._fit, self._channels = manifest, fit, channels
        self._sizes = {d: size if isinstance(size, int) else size[d] for d in domains}
        self._batch_size, self._augment, self._seed = batch_size, augment, seed
        self._rows = range(batch_size) if rows is None else rows
        self._paired = pairing == "paired"
        entries = {d: manifest.pairs(split) if self._paired else manifest.having(split, d) for d in domains}
        self._entries: dict[Domain, Sequence[Entry]] = entries
        for domain in domains:
            if not entries[domain]:
                lacking = "pair of a face and a sketch" if self._paired else f"{domain} image"
                alone = (
                    ""
                    if self._paired
                    else f", or where a recipe can, --set 'data.domains=[\"{other(domain)}\"]'"
                )
                raise DataError(
                    f"{manifest.folder} has no {lacking} in its split {split!r}",
                    f"it has the splits {', '.join(manifest.splits()) or 'none'}; prepare data that has both "
                    f"domains{alone}",
                )
        self._turns = max((a.turns for a in augment), default=1)
        self._whole = any(a.whole for a in augment)
        self._cache: dict[tuple[Domain, int], npt.NDArray[np.uint8]] = {}
        self._room = MEMORY

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
        """The images of a split as a stage of a recipe wants them."""
        return cls(
            manifest,
            split,
            pairing=stage.data.pairing,
            domains=stage.data.domains,
            size={domain: recipe.image.side(domain) for domain in stage.data.domains},
            fit=recipe.image.fit,
            channels=recipe.image.channels,
            batch_size=stage.batch_size,
            augment=build_augmentations(stage),
            seed=seed,
            rows=rows,
        )

    @property
    def epoch_images(self) -> int:
        """The number of images of a domain (or pairs) that one epoch shows."""
        return max(map(len, self._entries.values())) * self._turns

    def epoch(self, step: int) -> int:
        """The epoch, counted from 0, in which a step begins."""
        return step * self._batch_size // self.epoch_images

    def at(self, step: int, device: torch.device = CPU) -> Batch:
        """The batch of a step, counted from 0: (rows, channels, size, size) in [-1, 1] for each domain.

        Raises ImageError naming the file when an image cannot be read.
        """
        return Batch.of({domain: self._draw(domain, step, device) for domain in self._entries}, step)

    def stream(self, first: int, end: int, device: torch.device = CPU) -> Iterator[Batch]:
        """The batches of steps `first` to `end`, exclusive; the next is drawn while the last is used."""
        beside = torch.cuda.Stream(device) if device.type == "cuda" else None

        def draw(step: int) -> Batch:
            with torch.cuda.stream(beside):
                batch = self.at(step, device)
            if beside:
                beside.synchronize()
            return batch

        with ThreadPoolExecutor(max_workers=1) as worker:
            ahead = worker.submit(draw, first) if first < end else None
            for step in range(first, end):
                assert ahead is not None
                batch = ahead.result()
                ahead = worker.submit(draw, step + 1) if step + 1 < end else None
                yield batch.map_images(_kept) if beside else batch

    def _draw(self, domain: Domain, step: int, device: torch.device) -> Tensor:
        pieces = list(self._pieces(domain, step, _PIECE if device.type == "cpu" else self._batch_size))
        made = [self._augmented(domain, rows, device) for rows in pieces]
        images = torch.empty(len(self._rows), *made[0].shape[1:], device=made[0].device)
        for row, levels in zip(chain(*pieces), chain(*made), strict=True):
            images[row.place].copy_(levels).div_(127.5).sub_(1.0)
        return images

    def _pieces(self, domain: Domain, step: int, most: int) -> Iterator[list[_Row]]:
        """The rows of a step, those of one shape and turn together, up to so many."""
        count = len(self._entries[domain]) * self._turns
        stream = 0 if self._paired else DOMAINS.index(domain)
        alike: dict[tuple[object, ...], list[_Row]] = defaultdict(list)
        for place, row in enumerate(self._rows):
            position = step * self._batch_size + row
            order = _order(self._seed, stream, position // count, count)
            which, turn = divmod(int(order[position % count]), self._turns)
            levels = self._levels(domain, which)
            alike[levels.shape, turn].append(_Row(place, turn, (self._seed, stream, position), levels))
        for rows in alike.values():
            yield from (rows[first : first + most] for first in range(0, len(rows), most))

    def _augmented(self, domain: Domain, rows: Sequence[_Row], device: torch.device) -> Tensor:
        """Rows of one shape and turn, uint8."""
        levels = torch.from_numpy(np.stack([row.levels for row in rows]))
        levels = (levels.pin_memory() if device.type == "cuda" else levels).to(device, non_blocking=True)
        for number, augmentation in enumerate(self._augment, start=1):
            randoms = [np.random.default_rng((*row.key, number)) for row in rows]
            levels = augmentation(levels, Draw(domain, self._sizes[domain], rows[0].turn, randoms))
        return levels

    def _levels(self, domain: Domain, which: int) -> npt.NDArray[np.uint8]:
        if (domain, which) in self._cache:
            return self._cache[domain, which]
        picture = images.read(self._manifest.path(self._entries[domain][which], domain))
        shape = images.resize_short_side if self._whole else functools.partial(images.fit, how=self._fit)
        levels = images.to_bytes(shape(picture, self._sizes[domain]), self._channels[domain])
        for augmentation in self._augment:
            levels = augmentation.prepare(levels, domain)
        if levels.nbytes <= self._room:
            self._cache[domain, which] = levels
            self._room -= levels.nbytes
        return levels


@functools.lru_cache(maxsize=4)
def _order(seed: int, stream: int, epoch: int, count: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng((seed, stream, epoch)).permutation(count)


def _kept(images: Tensor) -> Tensor:
    """Images of another CUDA stream, whose memory stays theirs until this stream is done with them."""
    images.record_stream(torch.cuda.current_stream(images.device))
    return images
