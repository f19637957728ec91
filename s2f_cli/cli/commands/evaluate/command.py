"""`s2f evaluate`: scores of models and of folders of images."""

from __future__ import annotations

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from s2f_cli.core.errors import MetricError

if TYPE_CHECKING:
    from s2f_cli.evaluation.ground_truth import GroundTruth
    from s2f_cli.evaluation.protocols import Protocol
    from s2f_cli.evaluation.thresholds import Gate

_METRICS = "ssim,psnr,mse"
_INPUT, _SCORES, _GATE, _OUTPUT = "What is scored", "How", "Gate", "Output"


class _To(StrEnum):
    face = "face"
    sketch = "sketch"


def evaluate(
    models: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Run folders, bundles, names of `s2f models` and folders of images, a row each. "
            "[default: the newest run]",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        _To | None, typer.Option(help="Only the direction to this domain.", rich_help_panel=_INPUT)
    ] = None,
    cycle: Annotated[
        bool, typer.Option("--cycle", help="Score reconstructions, there and back.", rich_help_panel=_INPUT)
    ] = False,
    data: Annotated[
        Path, typer.Option(help="The prepared data set to score on.", rich_help_panel=_INPUT)
    ] = Path("data"),
    split: Annotated[str, typer.Option(help="Its split.", rich_help_panel=_INPUT)] = "test",
    protocol: Annotated[
        str | None,
        typer.Option(help="Compare as a protocol says: cuhk-88-100 …", rich_help_panel=_INPUT),
    ] = None,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Also on data that is not the protocol's.", rich_help_panel=_INPUT),
    ] = False,
    faces: Annotated[
        Path | None, typer.Option(help="A folder of faces, not the data set's.", rich_help_panel=_INPUT)
    ] = None,
    sketches: Annotated[
        Path | None, typer.Option(help="A folder of sketches, not the data set's.", rich_help_panel=_INPUT)
    ] = None,
    generated: Annotated[
        Path | None, typer.Option(help="Score this folder of images, not a model.", rich_help_panel=_INPUT)
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="The true images of folders, by name.", rich_help_panel=_INPUT)
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric", "-m", help=f"Metrics, with commas. [default: {_METRICS}]", rich_help_panel=_SCORES
        ),
    ] = None,
    resize: Annotated[
        bool, typer.Option("--resize", help="Resize images to their references.", rich_help_panel=_SCORES)
    ] = False,
    by: Annotated[
        list[str] | None, typer.Option(help="Break down by an attribute: sex …", rich_help_panel=_SCORES)
    ] = None,
    control: Annotated[
        bool, typer.Option("--control", help="Add a row of blurred outputs.", rich_help_panel=_SCORES)
    ] = False,
    mean: Annotated[
        bool,
        typer.Option(
            "--mean", help="Add mean ± sd of runs of one recipe, as of seeds.", rich_help_panel=_SCORES
        ),
    ] = False,
    fid_weights: Annotated[
        Path | None, typer.Option(help="The file of FID's Inception.", rich_help_panel=_SCORES)
    ] = None,
    device: Annotated[
        str, typer.Option(help="auto, cpu, cuda, cuda:1 … for models.", rich_help_panel=_SCORES)
    ] = "auto",
    fail_under: Annotated[
        list[str] | None, typer.Option(help="Exit 3 under a score: ssim=0.5.", rich_help_panel=_GATE)
    ] = None,
    fail_over: Annotated[
        list[str] | None, typer.Option(help="Exit 3 over a score: fid=80.", rich_help_panel=_GATE)
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Exit 3 if worse than in this JSON file.", rich_help_panel=_GATE)
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="By more than this share. [default: 0.01]", rich_help_panel=_GATE)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.", rich_help_panel=_OUTPUT)] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown.", rich_help_panel=_OUTPUT)
    ] = False,
    per_image: Annotated[
        Path | None, typer.Option(help="Write each image's scores as CSV.", rich_help_panel=_OUTPUT)
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write a page of HTML with pictures.", rich_help_panel=_OUTPUT)
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit report.", rich_help_panel=_OUTPUT)] = None,
) -> None:
    """Score models on the test split of ./data, or folders of images beside their references.

    Thresholds may stand in pyproject.toml, under tool.s2f.evaluate. Exits 1 when a file was left out or a
    metric could not be computed, 3 when a score misses a threshold.
    """
    if as_json and markdown:
        raise typer.BadParameter("choose one of --json and --markdown")
    from s2f_cli.cli.commands.evaluate import scores
    from s2f_cli.evaluation import protocols, scoring, selection
    from s2f_cli.evaluation.features import FeatureStore
    from s2f_cli.evaluation.metrics._contract import PairMetric
    from s2f_cli.evaluation.rows import arranged, cycle_rows, mean_rows
    from s2f_cli.models import locate

    gate = _gate(fail_under or [], fail_over or [], baseline, tolerance)
    rules = protocols.find(protocol) if protocol else None
    chosen = metric or (",".join(rules.metrics) if rules else gate.metric) or _METRICS
    metrics = scoring.find_metrics([*chosen.split(","), *(t.metric for t in gate.thresholds)])
    paired = any(isinstance(m, PairMetric) or m.paired for m in metrics.values())
    folders = [generated] if generated else [locate.by_name(one) for one in models or []]
    if generated is not None and models:
        raise typer.BadParameter("score --generated and models in two commands, or give both as arguments")
    left_out: dict[str, str] = {}
    if generated is not None or reference is not None:
        truth = _only_one([reference, faces, sketches])
        if generated is None and not (folders and all(map(selection.is_image_folder, folders))):
            raise typer.BadParameter("--reference goes with folders of images: --generated DIR")
        subjects = selection.select_folders(folders, truth, paired=paired)
    else:
        pairs = rules is not None or (paired and not cycle)
        ground_truth = _truths(faces, sketches, data, split, rules, anyway=anyway, paired=pairs)
        left_out = dict(ground_truth.left_out)
        subjects = selection.select(
            folders,
            ground_truth,
            to=to.value if to else None,
            cycle=cycle,
            paired=paired or rules is not None,
            device=device,
            frame=rules.frame if rules else None,
        )
    measuring = scores.Measuring(
        metrics,
        FeatureStore(),
        resize=resize,
        weights=dict.fromkeys(("fid", "fid_clean", "kid"), fid_weights) if fid_weights else {},
        control=control,
        gallery=report is not None,
    )
    found = [pair for subject in subjects for pair in measuring.run(subject)]
    if cycle:
        found += [(row, None) for row in cycle_rows([row for row, _ in found])]
    if mean:
        found += [(row, None) for row in mean_rows([row for row, _ in found])]
    found = [found[number] for number in arranged([row for row, _ in found])]
    rows = [row for row, _ in found]
    problems = scores.problems(rows, metrics, gate)
    if as_json:
        scores.show_json(rows, metrics, by or [])
    elif markdown:
        scores.show_markdown(rows, metrics, by or [])
    else:
        scores.show(rows, metrics, by or [])
    if per_image is not None:
        scores.write_per_image(per_image, rows, metrics)
    if junit is not None:
        scores.write_junit(junit, rows, metrics, problems)
    if report is not None:
        command = shlex.join(["s2f", *sys.argv[1:]])
        scores.write_report(report, rows, metrics, [g for _, g in found], by or [], command)
    scores.end(rows, problems, left_out)


def _gate(under: list[str], over: list[str], baseline: Path | None, tolerance: float | None) -> Gate:
    """The gate of ./pyproject.toml with what the options add to it."""
    from dataclasses import replace

    from s2f_cli.evaluation.thresholds import Gate, Threshold

    gate = Gate.read(Path())
    try:
        added = [Threshold.parse(t, "under") for t in under] + [Threshold.parse(t, "over") for t in over]
    except MetricError as problem:
        raise typer.BadParameter(f"{problem.message}: {problem.hint}") from None
    kept = [t for t in gate.thresholds if all((t.metric, t.side) != (a.metric, a.side) for a in added)]
    return replace(
        gate,
        thresholds=(*kept, *added),
        baseline=baseline or gate.baseline,
        tolerance=gate.tolerance if tolerance is None else tolerance,
    )


def _truths(
    faces: Path | None,
    sketches: Path | None,
    data: Path,
    split: str,
    rules: Protocol | None,
    *,
    anyway: bool,
    paired: bool,
) -> GroundTruth:
    from s2f_cli.evaluation import ground_truth

    if (faces is None) != (sketches is None):
        raise typer.BadParameter("give both --faces and --sketches, or --generated and --reference")
    if faces is not None and sketches is not None:
        if rules is not None:
            raise typer.BadParameter("--protocol needs a prepared data set, not --faces and --sketches")
        return ground_truth.of_folders(faces, sketches)
    return ground_truth.of_data(data, split, rules, anyway=anyway, paired=paired)


def _only_one(folders: list[Path | None]) -> Path:
    given = [folder for folder in folders if folder is not None]
    if len(given) != 1:
        raise typer.BadParameter("--generated needs one folder to compare with: --reference DIR")
    return given[0]
