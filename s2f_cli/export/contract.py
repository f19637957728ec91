"""What an exporter is, and what it is given: one direction of a model."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.export import Dim

from s2f_cli.core.errors import BundleError
from s2f_cli.core.images import Domain, other
from s2f_cli.inference.exported import Precision, Usage
from s2f_cli.models.bundle import Card
from s2f_cli.models.roles import Networks

Array: TypeAlias = npt.NDArray[np.float32]
"""A batch (N, C, H, W) in [-1, 1]."""
Run: TypeAlias = Callable[[Array], Array]


class OneWay(nn.Module):
    """One direction of a model as one network, with the usage that its exported file will carry.

    (N, channels_in, H, W) → (N, channels_out, H', W'). A network that draws at random gives its mean. Raises
    BundleError when the model does not have the direction.
    """

    def __init__(self, networks: Networks, card: Card, to: Domain, precision: Precision = "fp32") -> None:
        super().__init__()
        if to not in networks.directions:
            able = ", ".join(networks.directions) or "nothing: it has no direction"
            raise BundleError(
                f"this {card.recipe.name} model cannot translate to {to}, only to {able}",
                "choose another with --model, or leave out --to",
            )
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
            card=card,
        )

    def forward(self, image: Tensor) -> Tensor:
        """Images of the one domain → images of the other."""
        return self.networks.translate(image, self.usage.to, mean=True)

    def example(self) -> Tensor:
        """A batch to trace with; where any size will do, height and width differ."""
        usage = self.usage
        step = usage.multiple if usage.any_size else 0
        return torch.zeros(2, usage.channels_in, usage.size + step, usage.size + 2 * step)

    def dynamic_shapes(self) -> tuple[dict[int, Any]]:
        """The dimensions of the input that may vary, as `torch.export` takes them."""
        varying: dict[int, Any] = {0: Dim("batch")}
        if self.usage.any_size:
            varying |= {2: self.usage.multiple * Dim("rows"), 3: self.usage.multiple * Dim("columns")}
        return (varying,)


class Exporter(Protocol):
    """A file format. A part of the kind `exporters` is a class of this form, made without arguments."""

    suffix: str
    precisions: tuple[Precision, ...]
    """What it can write: `fp32` first."""

    def write(self, network: OneWay, path: Path, calibration: Sequence[Array]) -> None:
        """Write the network in `network.usage.precision`, and the usage, to a file.

        `calibration` are real inputs of one image each, for a precision that must know their range. Raises
        MissingPart without an optional package, and RuntimeError or ValueError for what cannot be written.
        """

    def open(self, path: Path) -> Run:
        """What a user of the file will run, on the CPU."""


@runtime_checkable
class Site(Exporter, Protocol):
    """A format that is a folder: the files of the directions, and what belongs around them."""

    models: str
    """The folder of these files in it."""

    def begin(self, package: Path | None) -> None:
        """Fetch what belongs around the files, out of `package` if one is given.

        It comes first, so that nothing is exported in vain. Raises ExportError when it cannot be had.
        """

    def finish(self, folder: Path, written: Mapping[Path, Usage]) -> None:
        """Write it, around the files that were written."""
