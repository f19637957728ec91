"""`s2f export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from s2f_cli import console, parts
from s2f_cli.errors import S2FError

if TYPE_CHECKING:
    from s2f_cli.exporters._parity import Exported
    from s2f_cli.images import Domain

FORMATS = parts.names("exporters")


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
        str | None,
        typer.Option(
            help="A bundle, a run folder, or a name of `s2f models`. [default: the newest run in ./runs]"
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
    from s2f_cli import bundle
    from s2f_cli.commands import _models
    from s2f_cli.exporters import _examples, _parity
    from s2f_cli.exporters._contract import OneWay, Site

    exporter = parts.find("exporters", file_format)()
    if precision.value not in exporter.precisions:
        raise typer.BadParameter(f"--format {file_format} writes only {', '.join(exporter.precisions)}")
    site = exporter if isinstance(exporter, Site) else None
    if folder and output:
        raise typer.BadParameter("give the folder once: as DIR or with --output")
    if runtime and not site:
        raise typer.BadParameter(f"--format {file_format} takes no --runtime")
    target = folder or output or Path("exports/web" if site else "exports")
    path = _models.choose(model, to.value if to else None)
    networks, card = bundle.load(path)
    domains = (to.value,) if to else tuple(networks.directions)
    lies_in = target / site.models if site else target
    targets = _targets(lies_in, card.recipe.name, domains, precision.value, exporter.suffix)
    if site:
        site.begin(runtime)

    done: dict[Domain, Exported] = {}
    problems: list[S2FError] = []
    left_out: dict[str, str] = {}
    with console.progress() as bar:
        for domain in bar.track(domains, description=f"exporting {file_format}"):
            network = OneWay(networks, card, domain, precision.value)
            examples = _examples.find(network.usage, check, Path("data"))
            left_out |= examples.failures
            console.say(f"{targets[domain]}: comparing on random images and on {examples.origin}")
            try:
                done[domain] = _parity.export(exporter, network, targets[domain], examples, tolerance)
            except S2FError as problem:
                problems.append(problem)
    if site and done:
        site.finish(target, {exported.path: exported.usage for exported in done.values()})
        console.say(f"to try the page: python -m http.server --bind 127.0.0.1 --directory {target}")
    _show(done, path, file_format, precision.value, as_json)
    for refused in problems:
        console.complain(refused)
    console.end_batch(left_out)
    if problems:
        raise typer.Exit(console.FAILED)


def _targets(
    output: Path, name: str, domains: tuple[Domain, ...], precision: str, suffix: str
) -> dict[Domain, Path]:
    """The file of each direction."""
    if not domains:
        raise typer.BadParameter(f"this {name} model has no direction to export")
    if output.suffix == suffix and not output.is_dir():
        if len(domains) > 1:
            raise typer.BadParameter(
                f"{output} is one file, but the model has {len(domains)} directions: add --to {domains[0]}, "
                "or name a folder"
            )
        return {domains[0]: output}
    if output.suffix in {parts.find("exporters", name).suffix for name in FORMATS}:
        raise typer.BadParameter(f"{output} does not end in {suffix}")
    told = "" if precision == "fp32" else f".{precision}"
    return {domain: output / f"{name}.{domain}{told}{suffix}" for domain in domains}


def _show(done: dict[Domain, Exported], model: Path, file_format: str, precision: str, as_json: bool) -> None:
    if as_json:
        console.print_json(
            [_record(exported, domain, model, file_format, precision) for domain, exported in done.items()]
        )
    elif done:
        rows = [
            (
                str(exported.path),
                f"{exported.size / 1e6:.2f}",
                f"{exported.parity.difference:.2g}",
                f"{exported.parity.ssim:.4f}",
                ", ".join(map(str, exported.parity.batch_sizes)),
            )
            for exported in done.values()
        ]
        drawn = console.table("", ("file", "MB", "difference", "SSIM", "batches"), rows)
        drawn.columns[0].overflow = "fold"
        console.out.print(drawn)


def _record(exported: Exported, to: Domain, model: Path, file_format: str, precision: str) -> dict[str, Any]:
    parity = exported.parity
    return {
        "file": str(exported.path),
        "model": str(model),
        "format": file_format,
        "precision": precision,
        "to": to,
        "bytes": exported.size,
        "max_difference": parity.difference,
        "ssim": None if parity.ssim != parity.ssim else parity.ssim,
        "batch_sizes": parity.batch_sizes,
        "tolerance": exported.limit,
    }
