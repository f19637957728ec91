"""The interface of an exporter, and the network it writes: one direction of a model."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.export import Dim

from s2f_cli.core.errors import BundleError
from s2f_cli.inference.usage import ExportPrecision, Usage, describe_conditions
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain, other
from s2f_cli.models.graphs import CONDITIONS
from s2f_cli.models.roles import Networks

Array: TypeAlias = npt.NDArray[np.float32]
"""A batch (N, C, H, W) in [-1, 1], or condition vectors (N, K)."""
Inputs: TypeAlias = tuple[Array, ...]
"""The inputs of an exported file: a batch and, for a model with conditions, their vectors."""
REFINED = "image"
"""The name of the input of a refinement."""
Runner: TypeAlias = Callable[..., Array]
"""Runs an exported file on `Inputs`, given one by one."""


class DirectionNetwork(nn.Module):
    """One direction of a model as one network, with the `Usage` that its exported file will carry.

    (N, channels_in, H, W) → (N, channels_out, H', W'), both in [-1, 1]. With conditions it also takes their
    vectors (N, K). Stochastic networks return their mean. Refinements are left
    out; `refinement` returns them. Raises BundleError if the
    model lacks the direction.
    """

    def __init__(
        self, networks: Networks, card: Card, to: Domain, precision: ExportPrecision = "fp32"
    ) -> None:
        super().__init__()
        if to not in networks.directions:
            directions = ", ".join(networks.directions) or "nothing: it has no direction"
            raise BundleError(
                f"this {card.recipe.name} model cannot translate to {to}, only to {directions}",
                "choose another with --model, or leave out --to",
            )
        self._given = (networks,)  # a tuple, so that they are not a part of this module
        roles = networks.directions[to]
        self.networks = Networks({role: networks[role] for role in roles}, {to: roles})
        chain = self.networks.chain(roles)
        image = card.recipe.image
        self.usage = Usage(
            source=other(to),
            to=to,
            channels_in=image.channels[other(to)],
            channels_out=image.channels[to],
            size=image.side(other(to)),
            size_out=image.side(to),
            fit=image.fit,
            any_size=image.fit != "squash" and not any(network.size for network in chain),
            multiple=max(network.multiple for network in chain),
            precision=precision,
            conditions=describe_conditions(card.recipe.conditions),
            card=card,
        )

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs: the source domain and, with conditions, `conditions`."""
        return (self.usage.source, CONDITIONS) if self.usage.conditions else (self.usage.source,)

    def forward(self, image: Tensor, conditions: Tensor | None = None) -> Tensor:
        """Translate a batch."""
        return self.networks.translate(image, self.usage.to, conditions, mean=True)

    def example(self) -> tuple[Tensor, ...]:
        """Inputs for tracing; height and width differ if the network takes any size."""
        usage = self.usage
        step = usage.multiple if usage.any_size else 0
        image = torch.zeros(2, usage.channels_in, usage.size + step, usage.size + 2 * step)
        width = usage.card.recipe.conditions.width
        return (image, torch.zeros(2, width)) if width else (image,)

    def dynamic_shapes(self) -> tuple[dict[int, Any], ...]:
        """The dimensions of the inputs that may vary, in the form of `torch.export`."""
        batch: dict[int, Any] = {0: Dim("batch")}
        size: dict[int, Any] = {}
        if self.usage.any_size:
            size = {2: self.usage.multiple * Dim("rows"), 3: self.usage.multiple * Dim("columns")}
        return (batch | size, batch)[: len(self.input_names)]

    def refinement(self) -> "RefinementNetwork | None":
        """The network that adds detail to the results, if the model has one."""
        (networks,) = self._given
        if self.usage.to not in networks.refinements:
            return None
        return RefinementNetwork(networks, self.usage.card, self.usage.to, self.usage.precision)


class RefinementNetwork(DirectionNetwork):
    """The refinement of a direction: (N, channels_in + channels_out, H, W) → (N, channels_out, H, W).

    The input is the source and, behind its channels, its enlarged translation. Its name is `image`.
    """

    def __init__(
        self, networks: Networks, card: Card, to: Domain, precision: ExportPrecision = "fp32"
    ) -> None:
        super().__init__(networks, card, to, precision)
        roles = networks.refinements[to]
        self.networks = Networks({role: networks[role] for role in roles}, {}, refinements={to: roles})
        multiple = max(network.multiple for network in networks.chain(roles))
        self.usage = self.usage.model_copy(update={"multiple": multiple})

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs: `image` and, with conditions, `conditions`."""
        return (REFINED, *super().input_names[1:])

    def forward(self, image: Tensor, conditions: Tensor | None = None) -> Tensor:
        """Add detail to a batch."""
        source, coarse = image.split((self.usage.channels_in, self.usage.channels_out), dim=1)
        return self.networks.refine(source, coarse, self.usage.to, conditions)

    def example(self) -> tuple[Tensor, ...]:
        """Inputs for tracing."""
        image, *conditions = super().example()
        channels = self.usage.channels_in + self.usage.channels_out
        return (image.new_zeros(len(image), channels, *image.shape[2:]), *conditions)


class Exporter(Protocol):
    """A file format. Each exporter is a class of this form whose constructor takes no arguments."""

    suffix: str
    precisions: tuple[ExportPrecision, ...]
    """The precisions it can write, `fp32` first."""

    def write(self, network: DirectionNetwork, path: Path, calibration: Sequence[Inputs]) -> None:
        """Write the network in `network.usage.precision`, and its usage, to a file.

        `calibration` holds real batches of one image for precisions that measure activation ranges. Raises
        MissingPart without an optional package, and RuntimeError or ValueError if the network cannot be
        exported.
        """

    def open(self, path: Path) -> Runner:
        """Load the file on the CPU, as its users will."""


@runtime_checkable
class SiteExporter(Exporter, Protocol):
    """A format that is a folder: the files of the directions, and a page around them."""

    models: str
    """The subfolder for the files of the directions."""

    def begin(self, package: Path | None) -> None:
        """Fetch what the page needs, from `package` if given; called before anything is exported.

        Raises ExportError if it is not available.
        """

    def finish(self, folder: Path, written: Mapping[Path, Usage], *, space: bool = False) -> None:
        """Write the page around the exported files; with `space`, as a Space of the Hugging Face Hub."""
