"""`s2f evaluate`: scores of models and of folders of images."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli import completion, console
from s2f_cli.cli.condition_options import ConditionOption, collect
from s2f_cli.cli.options import (
    CONDITIONS,
    DATA,
    GATES,
    HARDWARE,
    OUTPUT,
    REPORTS,
    SCORING,
    SELECTION,
    DeviceOption,
    DirectionOption,
    EngineOption,
    MergeOption,
    ShardOption,
    metrics_option,
)


def evaluate(
    models: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="MODEL",
            help="Model files, run folders, names of `s2f models`, and folders of images.",
            show_default="the newest finished run",
            autocompletion=completion.models,
        ),
    ] = None,
    metric: Annotated[str | None, metrics_option("ssim,psnr,mse")] = None,
    resize: Annotated[
        bool,
        typer.Option(
            "--resize", help="Resize generated images to their references.", rich_help_panel=SCORING
        ),
    ] = False,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ATTRIBUTE",
            help="Break down by an attribute, e.g. sex; repeatable.",
            rich_help_panel=SCORING,
        ),
    ] = None,
    control: Annotated[
        bool,
        typer.Option("--control", help="Also score the outputs after blurring.", rich_help_panel=SCORING),
    ] = False,
    mean: Annotated[
        bool,
        typer.Option("--mean", help="Add mean ± sd over the runs of each recipe.", rich_help_panel=SCORING),
    ] = False,
    fid_weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Inception weights for fid, fid_clean and kid.", rich_help_panel=SCORING
        ),
    ] = None,
    to: DirectionOption = None,
    cycle: Annotated[
        bool,
        typer.Option("--cycle", help="Score translation there and back.", rich_help_panel=SELECTION),
    ] = False,
    generated: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Score this folder of images instead of a model.",
            rich_help_panel=SELECTION,
        ),
    ] = None,
    data: Annotated[
        Path,
        typer.Option(metavar="DIR", help="The prepared data set to score on.", rich_help_panel=DATA),
    ] = Path("data"),
    split: Annotated[
        str, typer.Option(metavar="NAME", help="Split of the data set.", rich_help_panel=DATA)
    ] = "test",
    reference: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="True images for folders, matched by name.", rich_help_panel=DATA),
    ] = None,
    faces: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Faces, used with --sketches instead of --data.", rich_help_panel=DATA
        ),
    ] = None,
    sketches: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Sketches, used with --faces.", rich_help_panel=DATA),
    ] = None,
    protocol: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Follow a protocol, e.g. cuhk-88-100.",
            rich_help_panel=DATA,
            autocompletion=completion.protocols,
        ),
    ] = None,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Accept data that is not the protocol's.", rich_help_panel=DATA),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.", rich_help_panel=OUTPUT)] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown.", rich_help_panel=OUTPUT)
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write an HTML report with images.", rich_help_panel=REPORTS),
    ] = None,
    per_image: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the scores of each image as CSV.", rich_help_panel=REPORTS),
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a JUnit report for CI.", rich_help_panel=REPORTS),
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(metavar="M=X", help="Exit 3 if metric M is under X.", rich_help_panel=GATES),
    ] = None,
    fail_over: Annotated[
        list[str] | None,
        typer.Option(metavar="M=X", help="Exit 3 if metric M is over X.", rich_help_panel=GATES),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Exit 3 if worse than this earlier --json output.", rich_help_panel=GATES
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Accepted loss, as a fraction of the baseline.",
            show_default="0.01",
            rich_help_panel=GATES,
        ),
    ] = None,
    given: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Conditions taken from each pair: labels, colours, all, none, or names with commas.",
            rich_help_panel=CONDITIONS,
        ),
    ] = "labels",
    style: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="One drawing style for all images.",
            show_default="that of each pair",
            rich_help_panel=CONDITIONS,
        ),
    ] = None,
    condition: ConditionOption = None,
    device: DeviceOption = "auto",
    engine: EngineOption = "local",
    parts: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The folder of the parts of --shard, --merge and --engine ray.",
            rich_help_panel=HARDWARE,
        ),
    ] = None,
    shard: ShardOption = None,
    merge: MergeOption = False,
) -> None:
    """Score models on a data set, or folders of images against their references.

    Without arguments, the newest finished run is scored on the test split of ./data. Metrics, thresholds and
    the baseline can also be set in pyproject.toml, in the table tool.s2f.evaluate; options override it. Exits
    1 if a file was left out or a metric could not be computed, 3 if a score misses a threshold.

    Examples:
      s2f evaluate
      s2f evaluate face-to-sketch runs/0001-pix2pix --to sketch -m ssim,fsim,fid
      s2f evaluate --generated outputs --reference sketches -m ssim,mse
      s2f evaluate face-to-sketch --parts scores --shard 0/4
      s2f evaluate --report scores.html --fail-under ssim=0.5
    """
    if as_json and markdown:
        raise typer.BadParameter("choose one of --json and --markdown")
    ray = engine == "ray"
    divided = [bool(shard), merge, ray]
    if sum(divided) > 1 or (parts is None and (shard or merge)) or (parts is not None and not any(divided)):
        raise typer.BadParameter("give --parts with one of --shard, --merge and --engine ray")
    if any(divided) and report is not None:
        raise typer.BadParameter("--report needs images, which parts do not hold: leave it out")
    from s2f_cli.cli.commands.evaluate import arguments, on_ray, output
    from s2f_cli.evaluation import evaluator, protocols
    from s2f_cli.evaluation.evaluator import DEFAULT_METRICS

    gate = arguments.gate_of(fail_under or [], fail_over or [], baseline, tolerance)
    chosen = metric.split(",") if metric else protocols.find(protocol).metrics if protocol else gate.metrics
    names = [*(chosen or DEFAULT_METRICS), *(threshold.metric for threshold in gate.thresholds)]
    subjects, references = arguments.subjects_of(
        models or [], generated, reference, faces, sketches, protocol
    )
    compute = partial(
        evaluator.evaluate,
        subjects,
        data,
        metrics=names,
        to=to,
        split=split,
        cycle=cycle and references is None,
        protocol=None if references else protocol,
        allow_mismatch=anyway,
        reference=references,
        faces=None if references else faces,
        sketches=None if references else sketches,
        resize=resize,
        control=control,
        mean=mean,
        fid_weights=fid_weights,
        by=by or [],
        given=[name.strip() for name in given.split(",")],
        conditions=collect(condition, style=style),
        thumbnails=report is not None,
        device=device,
    )
    with output.progress_bars() as on_progress:
        if ray:
            results = on_ray.evaluate(compute, parts, gpu=device != "cpu")
        else:
            results = compute(parts=parts, shard=shard, on_progress=on_progress)
    if shard:
        console.say(f"shard {shard} is in {parts}: merge with --merge when all are")
        return
    for warning in gate.wrong_way(results.metrics):
        console.say(f"warning: {warning}")
    failures = gate.failures(results.results, results.metrics)
    show = output.show_json if as_json else output.show_markdown if markdown else output.show_table
    show(results, by or [])
    if per_image is not None:
        output.write_per_image(per_image, results)
    if junit is not None:
        output.write_junit(junit, results, failures)
    if report is not None:
        output.write_html_report(report, results, by or [], shlex.join(["s2f", *sys.argv[1:]]))
    output.finish(results, failures)
