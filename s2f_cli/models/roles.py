"""The networks of a recipe, by role, and the chains they form."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.domains import Domain
from s2f_cli.models.networks import Network, Stochastic

Chains = Mapping[Domain, Sequence[str]]
"""For each domain, the roles whose networks run one after the other."""


def append_conditions(images: Tensor, conditions: Tensor) -> Tensor:
    """Concatenate the conditions (N, K), or (1, K), behind the channels of images (N, C, H, W), as K planes.

    Each plane has one value (StarGAN: Choi et al. 2018, §3).
    """
    planes = conditions.to(images.dtype)[:, :, None, None]
    return torch.cat([images, planes.expand(images.shape[0], -1, *images.shape[2:])], dim=1)


class Networks(nn.ModuleDict):
    """The networks of a recipe by role, as items and as attributes: `nets["to_sketch"]`, `nets.to_sketch`.

    Each table of chains holds roles by domain:

    | `directions`      | translate images of the other domain to this one          |
    | `refinements`     | add detail to an enlarged translation to this domain      |
    | `reconstructions` | encode and decode images of this domain                   |
    | `samples`         | generate images of this domain from noise                 |

    Generators are chains of one role, encoder and decoder pairs of two.
    """

    def __init__(
        self,
        roles: Mapping[str, Network],
        directions: Chains,
        reconstructions: Chains | None = None,
        samples: Chains | None = None,
        refinements: Chains | None = None,
    ) -> None:
        super().__init__(dict(roles))
        self.directions = {to: tuple(chain) for to, chain in directions.items()}
        self.refinements = {to: tuple(chain) for to, chain in (refinements or {}).items()}
        self.reconstructions = {of: tuple(chain) for of, chain in (reconstructions or {}).items()}
        self.samples = {to: tuple(chain) for to, chain in (samples or {}).items()}

    def __getattr__(self, role: str) -> Network:
        return cast(Network, super().__getattr__(role))

    def __getitem__(self, role: str) -> Network:
        return cast(Network, super().__getitem__(role))

    def chain(self, roles: Sequence[str]) -> list[Network]:
        """The networks of the roles of a chain, in order."""
        return [self[role] for role in roles]

    def run_chain(self, roles: Sequence[str], batch: Tensor, *, mean: bool = False) -> Tensor:
        """Run a batch through the networks of a chain, in order.

        With `mean`, a stochastic network returns its mean instead of a random sample.
        """
        for network in self.chain(roles):
            batch = network.mean(batch) if mean and isinstance(network, Stochastic) else network(batch)
        return batch

    def translate(
        self, image: Tensor, to: Domain, conditions: Tensor | None = None, *, mean: bool = False
    ) -> Tensor:
        """Translate images (N, C, H, W) in [-1, 1] of the other domain to the domain `to`.

        A model with conditions needs their vectors (N, K), or (1, K) for all images; leave them out if the
        images have the planes already. `mean` is that of `run_chain`. The result has the target domain's
        channels and, as a rule, the input's height and width.
        """
        image = image if conditions is None else append_conditions(image, conditions)
        return self.run_chain(self.directions[to], image, mean=mean)

    def refine(self, image: Tensor, coarse: Tensor, to: Domain, conditions: Tensor | None = None) -> Tensor:
        """Add detail to translations of images (N, C, H, W) to the domain `to`, all in [-1, 1].

        `coarse` (N, C', H', W') holds the translations at a smaller size, down to half; the result has the
        size of the images. `conditions` are those of `translate`.
        """
        image = image if conditions is None else append_conditions(image, conditions)
        coarse = F.interpolate(coarse, image.shape[2:], mode="bilinear")
        return self.run_chain(self.refinements[to], torch.cat([image, coarse], dim=1))

    def noise(self, count: int, to: Domain, generator: torch.Generator | None = None) -> Tensor:
        """Standard normal codes (count, latent, 1, 1), the input of the chain `samples[to]`.

        Raises ValueError if the first network of the chain takes no code.
        """
        role = self.samples[to][0]
        latent = self[role].latent
        if latent is None:
            raise ValueError(f"{role} does not generate images from noise")
        return torch.randn(count, latent, 1, 1, generator=generator)
