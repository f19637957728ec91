"""The batch of a training step, and what an objective says about it."""

from collections.abc import Callable, Iterator, Mapping

from torch import Tensor

from s2f_cli.core.images import DOMAINS, Domain, other
from s2f_cli.models.roles import Networks


class Batch:
    """Images (N, C, H, W) in [-1, 1] of one or both domains; row i of both shows one person only in a paired
    recipe.

    `step` counts the steps of the stage from 0, for objectives that do not do the same in each.
    """

    def __init__(
        self,
        face: Tensor | None = None,
        sketch: Tensor | None = None,
        *,
        step: int = 0,
        paired: bool = True,
    ) -> None:
        given = zip(DOMAINS, (face, sketch), strict=True)
        self._images = {domain: images for domain, images in given if images is not None}
        self.step = step
        self._paired = paired

    @classmethod
    def of(cls, images: Mapping[Domain, Tensor], step: int = 0, *, paired: bool = True) -> "Batch":
        """The batch of the images of each domain."""
        return cls(images.get("face"), images.get("sketch"), step=step, paired=paired)

    @property
    def domains(self) -> tuple[Domain, ...]:
        """The domains it holds images of."""
        return tuple(self._images)

    @property
    def face(self) -> Tensor:
        """The photos."""
        return self["face"]

    @property
    def sketch(self) -> Tensor:
        """The sketches."""
        return self["sketch"]

    def __len__(self) -> int:
        return max(map(len, self._images.values()))

    def __getitem__(self, domain: Domain) -> Tensor:
        """The images of a domain; raises ValueError when the stage draws none."""
        if domain not in self._images:
            raise ValueError(f"data.domains lacks {domain!r}")
        return self._images[domain]

    def source(self, to: Domain) -> Tensor:
        """The images that are translated to the domain `to`."""
        return self[other(to)]

    def target(self, to: Domain) -> Tensor:
        """What should be made of `source(to)`, row by row; raises ValueError where nothing says so."""
        if not self._paired:
            raise ValueError("it compares faces with their own sketches, but data.pairing is unpaired")
        return self[to]

    def map(self, place: Callable[[Tensor], Tensor]) -> "Batch":
        """The batch with a function applied to the images of each domain."""
        return Batch.of({domain: place(images) for domain, images in self._images.items()}, self.step)

    def cut(self, pieces: int) -> "list[Batch]":
        """The batch in so many pieces of as many rows each."""
        if pieces == 1:
            return [self]
        parts = {domain: images.chunk(pieces) for domain, images in self._images.items()}
        return [Batch.of({d: rows[n] for d, rows in parts.items()}, self.step) for n in range(pieces)]


Move = Mapping[str, Mapping[str, Tensor]]
"""One simultaneous move: the unweighted scalar loss terms of each player that moves, by the terms' names."""

Objective = Callable[[Networks, Batch], Iterator[Move]]
"""What a training step plays: a generator of moves. Players are stepped after each move, all at once."""
