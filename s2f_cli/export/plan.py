"""Plans an export: which directions of which models go to which files. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from s2f_cli.core import registry
from s2f_cli.core.errors import BundleError, ExportError
from s2f_cli.export import stored
from s2f_cli.export.contract import ExportedNetwork, Exporter
from s2f_cli.inference.usage import ExportPrecision
from s2f_cli.models.card import Card, read_card
from s2f_cli.models.domains import Domain


@dataclass(frozen=True)
class Direction:
    """One direction of a bundle."""

    bundle: Path
    card: Card
    to: Domain

    def open(self, exporter: Exporter, precision: ExportPrecision) -> ExportedNetwork:
        """What the exporter writes: the ONNX graph of the bundle if it takes graphs, else networks in torch.

        Networks that are not in half precision have the graph beside them. Raises BundleError if the bundle
        is damaged.
        """
        graph = stored.of_bundle(self.bundle, self.to) if precision != "fp16" else None
        if graph and exporter.takes_graphs and precision == "fp32":
            return graph
        from s2f_cli.export.network import DirectionNetwork
        from s2f_cli.models import bundle

        network = DirectionNetwork(*bundle.load(self.bundle), self.to, precision)
        network.stored = graph
        return network


def directions(files: Sequence[Path], to: Domain | None = None) -> list[Direction]:
    """List the directions of bundles, or only those to the domain `to`; a file given twice counts once.

    Raises BundleError for a bundle that cannot be read or has no such direction.
    """
    chosen: list[Direction] = []
    for file in dict.fromkeys(files):
        card = read_card(file)
        domains = [domain for domain in card.directions if to in (None, domain)]
        if not domains:
            problem = f"has no direction to {to}" if to else "has no direction to export"
            raise BundleError(f"the {card.recipe.name} model {file} {problem}", "choose another with --model")
        chosen += [Direction(file, card, domain) for domain in domains]
    return chosen


def files_for(
    chosen: Sequence[Direction], output: Path, precision: ExportPrecision, suffix: str
) -> dict[Path, Direction]:
    """Name the file of each direction: `output` itself if it ends in `suffix`, else a file in that folder.

    Raises ExportError if `output` is one file for several directions or ends in the suffix of another
    format, and if two directions would share a file.
    """
    if output.suffix == suffix and not output.is_dir():
        if len(chosen) > 1:
            raise ExportError(
                f"{output} is one file, but there are {len(chosen)} directions",
                f"add --to {chosen[0].to}, or name a folder",
            )
        return {output: chosen[0]}
    if output.suffix and output.suffix in {
        registry.find("exporters", name).suffix for name in registry.names("exporters")
    }:
        raise ExportError(f"{output} does not end in {suffix}", "name a folder, or a file with that suffix")
    ending = suffix if precision == "fp32" else f".{precision}{suffix}"
    planned: dict[Path, Direction] = {}
    for direction in chosen:
        path = output / f"{direction.card.recipe.name}.{direction.to}{ending}"
        if path in planned:
            raise ExportError(
                f"{planned[path].bundle} and {direction.bundle} would both become {path}",
                "export them to different folders",
            )
        planned[path] = direction
    return planned
