"""From the options of `s2f evaluate` to what is scored and which scores suffice.

Raises BadParameter for options that exclude each other.
"""

from dataclasses import replace
from pathlib import Path

import typer

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation import selection
from s2f_cli.evaluation.thresholds import QualityGate, Threshold


def gate_of(under: list[str], over: list[str], baseline: Path | None, tolerance: float | None) -> QualityGate:
    """The gate of ./pyproject.toml, overridden by the options."""
    gate = QualityGate.read(Path())
    try:
        added = [Threshold.parse(t, "under") for t in under] + [Threshold.parse(t, "over") for t in over]
    except MetricError as problem:
        raise typer.BadParameter(f"{problem.message}: {problem.hint}") from None
    unchanged = [t for t in gate.thresholds if all((t.metric, t.side) != (a.metric, a.side) for a in added)]
    try:
        return replace(
            gate,
            thresholds=(*unchanged, *added),
            baseline=baseline or gate.baseline,
            tolerance=gate.tolerance if tolerance is None else tolerance,
        )
    except MetricError as problem:
        raise typer.BadParameter(f"{problem.message}: {problem.hint}") from None


def subjects_of(
    models: list[Path],
    generated: Path | None,
    reference: Path | None,
    faces: Path | None,
    sketches: Path | None,
    protocol: str | None,
) -> tuple[list[Path], Path | None]:
    """The models and folders to score, and the folder of references, if one replaces the data set."""
    if generated is not None and models:
        raise typer.BadParameter("--generated excludes models: use two commands, or give both as arguments")
    if generated is None and reference is None:
        if (faces is None) != (sketches is None):
            raise typer.BadParameter("give both --faces and --sketches, or --generated and --reference")
        if faces is not None and protocol is not None:
            raise typer.BadParameter("--protocol needs a prepared data set, not --faces and --sketches")
        return models, None
    references = [folder for folder in (reference, faces, sketches) if folder is not None]
    if len(references) != 1:
        raise typer.BadParameter("--generated needs one folder to compare with: --reference DIR")
    paths = [generated] if generated is not None else models
    if not (paths and (generated is not None or all(map(selection.is_image_folder, paths)))):
        raise typer.BadParameter("--reference needs folders of images: --generated DIR")
    return paths, references[0]
