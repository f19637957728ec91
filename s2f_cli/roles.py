"""The named networks of a recipe, the batch they are given, and what an objective says about it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from s2f_cli.images import DOMAINS, Domain, other

Chains = Mapping[Domain, Sequence[str]]


class Networks(nn.ModuleDict):
    """Networks by role; a role is an attribute too: `nets.to_sketch`.

    `directions` names, for each domain that images can be translated to, the chain of roles that does it;
    `reconstructions` the chain that encodes and decodes a domain's own images, `samples` the one that makes
    images out of noise. One rule serves generators (a chain of one), encoder and decoder pairs, and domains
    that share parts.
    """

    def __init__(
        self,
        roles: Mapping[str, nn.Module],
        directions: Chains,
        reconstructions: Chains | None = None,
        samples: Chains | None = None,
    ) -> None:
        super().__init__(dict(roles))
        self.directions = {to: tuple(chain) for to, chain in directions.items()}
        self.reconstructions = {of: tuple(chain) for of, chain in (reconstructions or {}).items()}
        self.samples = {to: tuple(chain) for to, chain in (samples or {}).items()}

    def __getattr__(self, role: str) -> Any:
        return super().__getattr__(role)

    def __getitem__(self, role: str) -> Any:
        return super().__getitem__(role)

    def follow(self, chain: Sequence[str], image: Tensor, *, mean: bool = False) -> Tensor:
        """What the roles of a chain make of a batch, one after the other.

        A network that draws at random has a method `mean`, which takes its place when `mean` is asked for.
        """
        for role in chain:
            network = self[role]
            image = network.mean(image) if mean and hasattr(network, "mean") else network(image)
        return image

    def translate(self, image: Tensor, to: Domain, *, mean: bool = False) -> Tensor:
        """Images of the other domain (N, C, H, W) in [-1, 1] → as many images of the domain `to`."""
        return self.follow(self.directions[to], image, mean=mean)

    def noise(self, count: int, to: Domain, generator: torch.Generator | None = None) -> Tensor:
        """Standard normal codes (count, latent, 1, 1), from which `samples` makes images of a domain.

        Raises ValueError when the first role of the chain takes no code.
        """
        role = self.samples[to][0]
        latent = getattr(self[role], "latent", None)
        if latent is None:
            raise ValueError(f"{role} makes nothing out of noise")
        return torch.randn(count, latent, 1, 1, generator=generator)


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
