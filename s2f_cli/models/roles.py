"""The named networks of a recipe."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from s2f_cli.core.images import Domain

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

    def run_chain(self, chain: Sequence[str], image: Tensor, *, mean: bool = False) -> Tensor:
        """What the roles of a chain make of a batch, one after the other.

        A network that draws at random has a method `mean`, which takes its place when `mean` is asked for.
        """
        for role in chain:
            network = self[role]
            image = network.mean(image) if mean and hasattr(network, "mean") else network(image)
        return image

    def translate(self, image: Tensor, to: Domain, *, mean: bool = False) -> Tensor:
        """Images of the other domain (N, C, H, W) in [-1, 1] → as many images of the domain `to`."""
        return self.run_chain(self.directions[to], image, mean=mean)

    def noise(self, count: int, to: Domain, generator: torch.Generator | None = None) -> Tensor:
        """Standard normal codes (count, latent, 1, 1), from which `samples` makes images of a domain.

        Raises ValueError when the first role of the chain takes no code.
        """
        role = self.samples[to][0]
        latent = getattr(self[role], "latent", None)
        if latent is None:
            raise ValueError(f"{role} makes nothing out of noise")
        return torch.randn(count, latent, 1, 1, generator=generator)
