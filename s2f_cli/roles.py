"""The named networks of a recipe, the batch they are given, and what an objective says about it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from s2f_cli.images import Domain, other


class Networks(nn.ModuleDict):
    """Networks by role; a role is an attribute too: `nets.to_sketch`.

    `directions` names, for each domain that images can be translated to, the chain of roles that does it. One rule
    serves generators (a chain of one), encoder and decoder pairs, and domains that share parts.
    """

    def __init__(self, roles: Mapping[str, nn.Module], directions: Mapping[Domain, Sequence[str]]) -> None:
        super().__init__(dict(roles))
        self.directions = {to: tuple(chain) for to, chain in directions.items()}

    def __getattr__(self, role: str) -> Any:
        return super().__getattr__(role)

    def translate(self, image: Tensor, to: Domain) -> Tensor:
        """Images of the other domain (N, C, H, W) in [-1, 1] → images of the domain `to`, same N, H, W."""
        for role in self.directions[to]:
            image = self[role](image)
        return image


@dataclass(frozen=True)
class Batch:
    """Images (N, C, H, W) in [-1, 1] of both domains; row i of both shows one person only in a paired recipe."""

    face: Tensor
    sketch: Tensor

    def __getitem__(self, domain: Domain) -> Tensor:
        return self.face if domain == "face" else self.sketch

    def source(self, to: Domain) -> Tensor:
        """The images that are translated to the domain `to`."""
        return self[other(to)]


Move = Mapping[str, Mapping[str, Tensor]]
"""One simultaneous move: the unweighted scalar loss terms of each player that moves, by the terms' names."""

Objective = Callable[[Networks, Batch], Iterator[Move]]
"""What a training step plays: a generator of moves. Players are stepped after each move, all at once."""
