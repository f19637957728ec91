"""`s2f evaluate`: scores of models and of folders of images."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from s2f_cli.errors import MetricError

if TYPE_CHECKING:
    from s2f_cli.evaluation.thresholds import Threshold


class _To(StrEnum):
    face = "face"
    sketch = "sketch"


def evaluate(
    models: Annotated[
        list[Path] | None,
        typer.Argument(help="Run folders or bundle files; without any, the newest run.", show_default=False),
    ] = None,
    metric: Annotated[str, typer.Option(help="Metrics, separated by commas.")] = "ssim,psnr,mse",
    to: Annotated[_To | None, typer.Option(help="Score only the direction to this domain.")] = None,
    data: Annotated[Path, typer.Option(help="The prepared data set to score models on.")] = Path("data"),
    split: Annotated[str, typer.Option(help="The split of the data set.")] = "test",
    faces: Annotated[Path | None, typer.Option(help="A folder of faces, in place of the data set's.")] = None,
    sketches: Annotated[
        Path | None, typer.Option(help="A folder of sketches, in place of the data set's.")
    ] = None,
    generated: Annotated[
        Path | None, typer.Option(help="Score this folder of images, in place of a model.")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="The folder of true images that belong to it, by equal names.")
    ] = None,
    resize: Annotated[
        bool, typer.Option("--resize", help="Resize a generated image to its reference's size.")
    ] = False,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(help="Exit 3 when a score is under this: ssim=0.5.", show_default=False),
    ] = None,
    fail_over: Annotated[
        list[str] | None, typer.Option(help="Exit 3 when a score is over this: fid=80.", show_default=False)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with the scores of each image.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")] = False,
    per_image: Annotated[
        Path | None, typer.Option(help="Write the scores of each image to a CSV file.")
    ] = None,
    fid_weights: Annotated[
        Path | None,
        typer.Option(help="The weights of pytorch-fid's Inception, where they are not in the cache."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 … for the model.")] = "auto",
) -> None:
    """Score models on the test split of ./data, or a folder of images beside its references.

    Exits 1 when a file was left out or a metric could not be computed, 3 when a score misses a threshold.
    """
    if as_json and markdown:
        raise typer.BadParameter("choose one of --json and --markdown")
    thresholds = _thresholds(fail_under or [], fail_over or [])

    from s2f_cli.commands import _scores
    from s2f_cli.evaluation import scoring, selection, subjects
    from s2f_cli.metrics._contract import PairMetric

    metrics = scoring.find_metrics([*metric.split(","), *(t.metric for t in thresholds)])
    paired = any(isinstance(m, PairMetric) or m.paired for m in metrics.values())
    left_out: dict[str, str] = {}
    if generated is not None:
        truth = _only_one([reference, faces, sketches])
        if models:
            raise typer.BadParameter("score models and --generated in two commands")
        scored = selection.select_folders(generated, truth, paired=paired)
    else:
        if reference is not None or (faces is None) != (sketches is None):
            raise typer.BadParameter("give both --faces and --sketches, or --generated and --reference")
        if faces is not None and sketches is not None:
            pairs, left_out = subjects.pairs_of_folders(faces, sketches)
            name = f"{faces} and {sketches}"
        else:
            pairs, name = subjects.pairs_of_data(data, split)
        scored = selection.select(models or [], pairs, name, to=to.value if to else None, device=device)
    weights = {"fid": fid_weights, "kid": fid_weights} if fid_weights else {}
    rows = [
        _scores.measure(subject, scoring.Scorer(metrics, resize=resize, weights=weights))
        for subject in scored
    ]
    _scores.show(rows, metrics, "json" if as_json else "markdown" if markdown else "table")
    if per_image is not None:
        _scores.write_per_image(per_image, rows, metrics)
    _scores.end(rows, thresholds, left_out)


def _thresholds(under: list[str], over: list[str]) -> list[Threshold]:
    if not under and not over:
        return []
    from s2f_cli.evaluation.thresholds import Threshold

    try:
        return [Threshold.parse(t, "under") for t in under] + [Threshold.parse(t, "over") for t in over]
    except MetricError as problem:
        raise typer.BadParameter(f"{problem.message}: {problem.hint}") from None


def _only_one(folders: list[Path | None]) -> Path:
    given = [folder for folder in folders if folder is not None]
    if len(given) != 1:
        raise typer.BadParameter("--generated needs one folder to compare with: --reference DIR")
    return given[0]
