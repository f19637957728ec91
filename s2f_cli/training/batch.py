"""The batch of a training step, and the contract of an objective."""

from collections.abc import Callable, Iterator, Mapping

from torch import Tensor

from s2f_cli.models.domains import DOMAINS, Domain, other
from s2f_cli.models.roles import Networks, append_conditions


class Batch:
    """Images (N, C, H, W) in [-1, 1] of one or both domains.

    In a paired batch, row i of both domains shows the same person. `step` counts the steps of the stage from
    0, for objectives whose steps differ. `conditions` holds the condition vector of each row (N, K), if the
    recipe has conditions.
    """

    def __init__(
        self,
        face: Tensor | None = None,
        sketch: Tensor | None = None,
        *,
        step: int = 0,
        paired: bool = True,
        conditions: Tensor | None = None,
    ) -> None:
        by_domain = zip(DOMAINS, (face, sketch), strict=True)
        self._images = {domain: images for domain, images in by_domain if images is not None}
        self.step = step
        self._paired = paired
        self.conditions = conditions

    @classmethod
    def of(
        cls,
        images: Mapping[Domain, Tensor],
        step: int = 0,
        *,
        paired: bool = True,
        conditions: Tensor | None = None,
    ) -> "Batch":
        """Build a batch from images by domain."""
        return cls(images.get("face"), images.get("sketch"), step=step, paired=paired, conditions=conditions)

    @property
    def domains(self) -> tuple[Domain, ...]:
        """The domains that the batch has images of."""
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
        """The images of a domain; raises ValueError if the stage loads none."""
        if domain not in self._images:
            raise ValueError(f"data.domains lacks {domain!r}")
        return self._images[domain]

    def source(self, to: Domain) -> Tensor:
        """The inputs of a translation to the domain `to`, with the planes of the conditions."""
        return self.with_conditions(self[other(to)])

    def with_conditions(self, images: Tensor) -> Tensor:
        """Return images (N, C, H, W), such as this batch's translations, with the planes of the conditions.

        Without conditions, the images are returned as they are.
        """
        return images if self.conditions is None else append_conditions(images, self.conditions)

    def target(self, to: Domain) -> Tensor:
        """The ground truth for `source(to)`, row by row; raises ValueError if the batch is unpaired."""
        if not self._paired:
            raise ValueError(
                "data.pairing is unpaired, but the objective needs the ground truth of translations"
            )
        return self[to]

    def map(self, function: Callable[[Tensor], Tensor]) -> "Batch":
        """Return a batch with a function applied to the images of each domain, and to the conditions.

        The function gets the conditions as (N, K, 1, 1).
        """
        images = {domain: function(images) for domain, images in self._images.items()}
        vectors = self.conditions
        vectors = vectors if vectors is None else function(vectors[:, :, None, None]).flatten(1)
        return self._with(images, vectors)

    def split(self, count: int) -> "list[Batch]":
        """Split the batch into micro-batches with equal numbers of rows."""
        if count == 1:
            return [self]
        chunks = {domain: images.chunk(count) for domain, images in self._images.items()}
        vectors = [None] * count if self.conditions is None else self.conditions.chunk(count)
        return [
            self._with({domain: rows[n] for domain, rows in chunks.items()}, vectors[n]) for n in range(count)
        ]

    def _with(self, images: Mapping[Domain, Tensor], conditions: Tensor | None) -> "Batch":
        return Batch.of(images, self.step, paired=self._paired, conditions=conditions)


Move = Mapping[str, Mapping[str, Tensor]]
"""The unweighted scalar loss terms of one simultaneous update: player → name of the term → loss."""

Objective = Callable[[Networks, Batch], Iterator[Move]]
"""A generator of the moves of one training step. The players of a move are stepped, all at once, before the
generator resumes.
"""
