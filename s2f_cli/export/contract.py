"""The interface of an exporter, and what it writes: one direction of a model. Imports no torch."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from s2f_cli.core.errors import BundleError
from s2f_cli.inference.usage import ExportPrecision, Usage, describe_conditions
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain, other
from s2f_cli.models.graphs import CONDITIONS

Array: TypeAlias = npt.NDArray[np.float32]
"""A batch (N, C, H, W) in [-1, 1], or condition vectors (N, K)."""
Inputs: TypeAlias = tuple[Array, ...]
"""The inputs of an exported file: a batch and, for a model with conditions, their vectors."""
REFINED = "image"
"""The name of the input of a refinement."""
Runner: TypeAlias = Callable[..., Array]
"""Runs an exported file on `Inputs`, given one by one."""


class ExportedNetwork(Protocol):
    """One direction of a model, or its refinement: what an exporter writes and is compared with."""

    usage: Usage

    def run(self, *inputs: Array) -> Array:
        """The model's results for `Inputs`, given one by one."""


def usage_of(
    card: Card, to: Domain, *, any_size: bool, multiple: int, precision: ExportPrecision = "fp32"
) -> Usage:
    """The usage of a direction whose networks take these heights and widths."""
    image = card.recipe.image
    return Usage(
        source=other(to),
        to=to,
        channels_in=image.channels[other(to)],
        channels_out=image.channels[to],
        size=image.side(other(to)),
        size_out=image.side(to),
        fit=image.fit,
        any_size=any_size,
        multiple=multiple,
        precision=precision,
        conditions=describe_conditions(card.recipe.conditions),
        card=card,
    )


def require_direction(card: Card, to: Domain, known: Sequence[Domain]) -> None:
    """Raise BundleError if a model lacks a direction."""
    if to not in known:
        directions = ", ".join(known) or "nothing: it has no direction"
        raise BundleError(
            f"this {card.recipe.name} model cannot translate to {to}, only to {directions}",
            "choose another with --model, or leave out --to",
        )


def input_names(usage: Usage, first: str = "") -> tuple[str, ...]:
    """The names of the inputs: `first`, by default the source domain, and `conditions` if there are some."""
    return (first or usage.source, CONDITIONS) if usage.conditions else (first or usage.source,)


class Exporter(Protocol):
    """A file format. Each exporter is a class of this form whose constructor takes no arguments."""

    suffix: str
    precisions: tuple[ExportPrecision, ...]
    """The precisions it can write, `fp32` first."""
    takes_graphs: bool
    """Whether it can write the ONNX graph of a bundle in `fp32`, without torch."""

    def write(self, network: Any, path: Path, calibration: Sequence[Inputs]) -> None:
        """Write the network in `network.usage.precision`, and its usage, to a file.

        `network` is a `DirectionNetwork`, or a `StoredNetwork` if the exporter takes graphs.
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

    def begin(self, folder: Path, package: Path | None) -> None:
        """Fetch what the page needs, from `package` if given; called before anything is exported.

        Raises ExportError if it is not available, or if the folder holds a page of something else.
        """

    def finish(self, folder: Path, written: Mapping[Path, Usage], *, space: bool = False) -> None:
        """Write the page around the exported files; with `space`, as a Space of the Hugging Face Hub."""
