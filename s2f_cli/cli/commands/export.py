"""`s2f export`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from s2f_cli.cli import console
from s2f_cli.core import registry
from s2f_cli.core.errors import S2FError

if TYPE_CHECKING:
    from s2f_cli.core.images import Domain
    from s2f_cli.export.parity import Exported
    from s2f_cli.models.bundle import Card
    from s2f_cli.models.roles import Networks

FORMATS = registry.names("exporters")


class _To(StrEnum):
    face = "face"
    sketch = "sketch"


class _Precision(StrEnum):
    fp32 = "fp32"
    fp16 = "fp16"
    int8 = "int8"


def export(
    folder: Annotated[
        Path | None, typer.Argument(help="The same as --output.", metavar="[DIR]", show_default=False)
    ] = None,
    file_format: Annotated[
        str,
        typer.Option("--format", "-f", help=f"One of {', '.join(FORMATS)}.", autocompletion=lambda: FORMATS),
    ] = "onnx",
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A bundle, a run folder, or a name of `s2f models`; may be given several times. "
            "[default: for each direction the newest run in ./runs, else the one that comes with s2f]",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        _To | None, typer.Option(help="Export only the direction to this domain. [default: each, to a file]")
    ] = None,
    precision: Annotated[
        _Precision, typer.Option(help="fp16 and int8 make a smaller ONNX file, int8 mostly a faster one too.")
    ] = _Precision.fp32,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A folder, or a file for one direction. [default: exports, for a page exports/web]",
        ),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            help="A folder of real images to compare on. "
            "[default: the test split of ./data, else a photo that comes with scikit-image]"
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="The largest difference from PyTorch of a value in [-1, 1], or for int8 loss in SSIM. "
            "[default: 0.0001 for fp32, 0.02 for fp16, 0.1 for int8]",
        ),
    ] = None,
    runtime: Annotated[
        Path | None,
        typer.Option(
            help="For --format web, without a network: the file that `npm pack onnxruntime-web` wrote."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write the model as a file for other programs, and check that it gives PyTorch's output.

    Each file is compared with the model on random and real images, at several batch sizes. One that differs
    by more than the tolerance is not written. --format web writes a folder: a page that runs the model in its
    visitor's browser, for any static host.
    """
    from s2f_cli.export import examples as _examples
    from s2f_cli.export import parity as _parity
    from s2f_cli.export.contract import OneWay, Site

    exporter = registry.find("exporters", file_format)()
    if precision.value not in exporter.precisions:
        raise typer.BadParameter(f"--format {file_format} writes only {', '.join(exporter.precisions)}")
    site = exporter if isinstance(exporter, Site) else None
    if folder and output:
        raise typer.BadParameter("give the folder once: as DIR or with --output")
    if runtime and not site:
        raise typer.BadParameter(f"--format {file_format} takes no --runtime")
    target = folder or output or Path("exports/web" if site else "exports")
    lies_in = target / site.models if site else target
    ways = _ways(model or [], to.value if to else None)
    planned = _planned(lies_in, ways, precision.value, exporter.suffix)
    if site:
        site.begin(runtime)

    done: list[tuple[Way, Exported]] = []
    problems: list[S2FError] = []
    left_out: dict[str, str] = {}
    with console.progress() as bar:
        for path, way in bar.track(planned.items(), description=f"exporting {file_format}"):
            network = OneWay(way.networks, way.card, way.to, precision.value)
            examples = _examples.find(network.usage, check, Path("data"))
            left_out |= examples.failures
            console.say(f"{path}: comparing on random images and on {examples.origin}")
            try:
                done.append((way, _parity.export(exporter, network, path, examples, tolerance)))
            except S2FError as problem:
                problems.append(problem)
    if site and done:
        site.finish(target, {exported.path: exported.usage for _, exported in done})
        console.say(f"to try the page: python -m http.server --bind 127.0.0.1 --directory {target}")
    _show(done, file_format, precision.value, as_json)
    for refused in problems:
        console.print_error(refused)
    console.end_batch(left_out)
    if problems:
        raise typer.Exit(console.FAILED)


@dataclass(frozen=True)
class Way:
    """A direction of a bundle."""

    bundle: Path
    networks: Networks
    card: Card
    to: Domain


def _ways(models: list[str], to: Domain | None) -> list[Way]:
    """What is exported: all directions of the models that were named, else the default of each."""
    from s2f_cli.cli import model_choice
    from s2f_cli.core.errors import BundleError
    from s2f_cli.models import bundle

    chosen = {} if models else model_choice.defaults(to)
    ways = []
    for path in dict.fromkeys([model_choice.named(model) for model in models] or chosen.values()):
        networks, card = bundle.load(path)
        asked = [domain for domain in networks.directions if to in (None, domain)]
        if not asked:
            makes = f"makes no {to}" if to else "has no direction to export"
            raise BundleError(f"this {card.recipe.name} model {makes}", "choose another with --model")
        ways += [Way(path, networks, card, one) for one in asked if chosen.get(one, path) == path]
    return ways


def _planned(output: Path, ways: list[Way], precision: str, suffix: str) -> dict[Path, Way]:
    """The file of each direction."""
    if output.suffix == suffix and not output.is_dir():
        if len(ways) > 1:
            raise typer.BadParameter(
                f"{output} is one file, but there are {len(ways)} directions: add --to {ways[0].to}, "
                "or name a folder"
            )
        return {output: ways[0]}
    if output.suffix in {registry.find("exporters", name).suffix for name in FORMATS}:
        raise typer.BadParameter(f"{output} does not end in {suffix}")
    told = "" if precision == "fp32" else f".{precision}"
    planned: dict[Path, Way] = {}
    for way in ways:
        path = output / f"{way.card.recipe.name}.{way.to}{told}{suffix}"
        if path in planned:
            raise typer.BadParameter(
                f"{planned[path].bundle} and {way.bundle} would both become {path}: export them apart"
            )
        planned[path] = way
    return planned


def _show(done: list[tuple[Way, Exported]], file_format: str, precision: str, as_json: bool) -> None:
    if as_json:
        console.print_json([_record(way, exported, file_format, precision) for way, exported in done])
    elif done:
        rows = [
            (
                str(exported.path),
                f"{exported.size / 1e6:.2f}",
                f"{exported.parity.difference:.2g}",
                f"{exported.parity.ssim:.4f}",
                ", ".join(map(str, exported.parity.batch_sizes)),
            )
            for _, exported in done
        ]
        drawn = console.table("", ("file", "MB", "difference", "SSIM", "batches"), rows)
        drawn.columns[0].overflow = "fold"
        console.out.print(drawn)


def _record(way: Way, exported: Exported, file_format: str, precision: str) -> dict[str, Any]:
    parity = exported.parity
    return {
        "file": str(exported.path),
        "model": str(way.bundle),
        "format": file_format,
        "precision": precision,
        "to": way.to,
        "bytes": exported.size,
        "max_difference": parity.difference,
        "ssim": None if parity.ssim != parity.ssim else parity.ssim,
        "batch_sizes": parity.batch_sizes,
        "tolerance": exported.limit,
    }
