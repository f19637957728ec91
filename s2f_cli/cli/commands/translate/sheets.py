"""Summaries of all results of `s2f translate`: a contact sheet, and how much samples vary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2f_cli.cli import console
from s2f_cli.core import contact_sheet
from s2f_cli.core.errors import S2FError

if TYPE_CHECKING:
    from pathlib import Path

    from s2f_cli.cli.commands.translate.batch import SheetRow
    from s2f_cli.cli.commands.translate.output import ResultPrinter
    from s2f_cli.cli.commands.translate.writing import ResultWriter

MAX_ROWS = 50
"""Rows of a contact sheet."""


def write(rows: list[SheetRow], writer: ResultWriter, file: Path, printer: ResultPrinter) -> None:
    """Write a contact sheet, a row per input: the input, then its results, with the variants as titles."""
    pipeline = writer.pipeline
    numbers = [""] if pipeline.samples == 1 else [f" {number}" for number in range(1, pipeline.samples + 1)]
    titles = [f"{variant or pipeline.to}{number}" for variant in pipeline.variants for number in numbers]
    try:
        writer.write_composite(contact_sheet.sheet(rows, ("input", *titles)), file)
        printer.shared(file)
    except S2FError as error:
        printer.failed(file, error.line)


def say_variances(rows: list[SheetRow]) -> None:
    """Print how much results vary between samples and between inputs."""
    from s2f_cli.inference.variances import variances_of

    variances = variances_of([row[1:] for row in rows])
    console.say(
        f"variance of a pixel in [-1, 1]: {variances.over_samples:.4f} between samples of one input, "
        f"{variances.over_inputs:.4f} between inputs with the same noise"
    )
