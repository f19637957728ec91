"""`s2f export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from s2f_cli.cli import completion, console
from s2f_cli.cli.options import CHECKS, MODEL, OUTPUT, JsonOption
from s2f_cli.core import registry
from s2f_cli.core.errors import ExportError, S2FError

if TYPE_CHECKING:
    from s2f_cli.export.contract import Exporter, SiteExporter
    from s2f_cli.export.parity import Exported
    from s2f_cli.export.plan import Direction
    from s2f_cli.models.domains import Domain

FORMATS = registry.names("exporters")


def export(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Same as --output.", show_default=False)
    ] = None,
    file_format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
            autocompletion=lambda: FORMATS,
            rich_help_panel=OUTPUT,
        ),
    ] = "onnx",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A folder, or a file for one direction.",
            show_default="exports, or exports/web for a page",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    precision: Annotated[
        Literal["fp32", "fp16", "int8"],
        typer.Option(
            metavar="TYPE",
            help="fp32, or a smaller ONNX file in fp16 or int8; int8 is often faster too.",
            rich_help_panel=OUTPUT,
        ),
    ] = "fp32",
    as_json: JsonOption = False,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="A bundle, run folder, name from `s2f models`, or hf://owner/name; repeatable.",
            autocompletion=completion.models,
            show_default="per direction the newest finished run in ./runs, else the shipped model",
            rich_help_panel=MODEL,
        ),
    ] = None,
    to: Annotated[
        Literal["face", "sketch"] | None,
        typer.Option(
            metavar="DOMAIN",
            help="Export only the direction to face or to sketch.",
            show_default="each, to a file of its own",
            rich_help_panel=MODEL,
        ),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of real images to compare on.",
            show_default="the test split of ./data, else scikit-image's astronaut",
            rich_help_panel=CHECKS,
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="NUMBER",
            help="Largest difference from the model of a value in [-1, 1]; for int8, largest loss of SSIM.",
            show_default="0.0001 for fp32, 0.02 for fp16, 0.1 for int8",
            rich_help_panel=CHECKS,
        ),
    ] = None,
    runtime: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --format web and no network: the file that `npm pack onnxruntime-web` wrote.",
            rich_help_panel=CHECKS,
        ),
    ] = None,
    space: Annotated[
        bool,
        typer.Option(
            "--space",
            help="With --format web: add the README.md of a static Space of the Hugging Face Hub.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
) -> None:
    """Export a model for other programs, and check its results against the model's.

    Each file is compared with the model on random and real images, at several batch sizes. A file that
    differs by more than the tolerance is not written. --format web writes a folder for any static host: a
    page that runs the model in the browser.

    Examples:
        s2f export
        s2f export --format onnx --precision fp16 --to sketch
        s2f export --format web site
    """
    from s2f_cli.export.contract import SiteExporter

    exporter = registry.find("exporters", file_format)()
    site = exporter if isinstance(exporter, SiteExporter) else None
    if precision not in exporter.precisions:
        raise typer.BadParameter(f"--format {file_format} writes only {', '.join(exporter.precisions)}")
    if folder and output:
        raise typer.BadParameter("give the folder once: as DIR or with --output")
    if runtime and not site:
        raise typer.BadParameter(f"--format {file_format} takes no --runtime")
    if space and not site:
        raise typer.BadParameter("a Space holds a page: use --space with --format web")
    target = folder or output or Path("exports/web" if site else "exports")
    planned = _plan(model or [], to, target / site.models if site else target, precision, exporter.suffix)
    if site:
        site.begin(target, runtime)
    exported, problems, left_out = _export_all(exporter, planned, precision, check, tolerance, file_format)
    if site and exported:
        _finish(site, target, exported, space)
    _show(planned, exported, file_format, precision, as_json)
    for problem in problems:
        console.print_error(problem)
    console.end_batch(left_out)
    if problems:
        raise typer.Exit(console.FAILED)


def _plan(
    models: list[str], to: Domain | None, output: Path, precision: Any, suffix: str
) -> dict[Path, Direction]:
    """The file of each direction of the named models, else of the default model of each direction."""
    from s2f_cli.cli import model_choice
    from s2f_cli.export import plan

    if models:
        chosen = plan.directions([model_choice.named(model) for model in models], to)
    else:
        defaults = model_choice.defaults(to)
        directions = plan.directions(list(defaults.values()), to)
        chosen = [direction for direction in directions if defaults.get(direction.to) == direction.bundle]
    try:
        return plan.files_for(chosen, output, precision, suffix)
    except ExportError as problem:
        raise typer.BadParameter(f"{problem.message}: {problem.hint}") from None


def _export_all(
    exporter: Exporter,
    planned: dict[Path, Direction],
    precision: Any,
    check: Path | None,
    tolerance: float | None,
    file_format: str,
) -> tuple[list[Exported], list[S2FError], dict[str, str]]:
    """The exported files, the errors of the others, and the images that could not be read."""
    from s2f_cli.export.examples import find_examples
    from s2f_cli.export.parity import export

    exported: list[Exported] = []
    problems: list[S2FError] = []
    left_out: dict[str, str] = {}
    with console.progress() as bar:
        for path, direction in bar.track(planned.items(), description=f"exporting {file_format}"):
            try:
                network = direction.open(exporter, precision)
            except S2FError as problem:
                problems.append(problem)
                continue
            examples = find_examples(network.usage, check, Path("data"))
            left_out |= examples.failures
            console.say(f"{path}: comparing on random images and on {examples.origin}")
            try:
                exported.append(export(exporter, network, path, examples, tolerance))
            except S2FError as problem:
                problems.append(problem)
    return exported, problems, left_out


def _finish(site: SiteExporter, target: Path, exported: list[Exported], space: bool) -> None:
    site.finish(target, {file.path: file.usage for file in exported}, space=space)
    if space:
        console.say(f"to publish the page: hf upload OWNER/NAME {target} --repo-type space")
    console.say(f"to try the page: python -m http.server --bind 127.0.0.1 --directory {target}")


def _show(
    planned: dict[Path, Direction], exported: list[Exported], file_format: str, precision: str, as_json: bool
) -> None:
    if as_json:
        console.print_json(
            [_record(file, planned[file.path].bundle, file_format, precision) for file in exported]
        )
    elif exported:
        rows = [
            (
                str(file.path),
                f"{file.size / 1e6:.2f}",
                f"{file.parity.difference:.2g}",
                f"{file.parity.ssim:.4f}",
                ", ".join(map(str, file.parity.batch_sizes)),
            )
            for file in exported
        ]
        console.out.print(console.table("", ("file", "MB", "difference", "SSIM", "batches"), rows))


def _record(exported: Exported, model: Path, file_format: str, precision: str) -> dict[str, Any]:
    parity = exported.parity
    return {
        "file": str(exported.path),
        "model": str(model),
        "format": file_format,
        "precision": precision,
        "to": exported.usage.to,
        "bytes": exported.size,
        "max_difference": parity.difference,
        "ssim": None if parity.ssim != parity.ssim else parity.ssim,
        "batch_sizes": parity.batch_sizes,
        "tolerance": exported.limit,
    }
