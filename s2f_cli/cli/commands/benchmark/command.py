"""`s2f benchmark`: many systems, the same data, budget and protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from s2f_cli.cli.options import (
    DATA,
    HARDWARE,
    LENGTH,
    SCORING,
    SELECTION,
    DeviceOption,
    DirectionOption,
    EngineOption,
    metrics_option,
)


def benchmark(
    recipes: Annotated[
        list[str] | None,
        typer.Argument(metavar="RECIPE", help="Names of `s2f recipes`, or .toml files.", show_default=False),
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="A prepared data set; repeatable.",
            show_default="data",
            rich_help_panel=DATA,
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="The benchmark's folder.", rich_help_panel=DATA),
    ] = Path("bench"),
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL", help="Score a trained model too; repeatable.", rich_help_panel=SELECTION
        ),
    ] = None,
    results: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:DOMAIN]=DIR",
            help="Score another program's faces or sketches too; repeatable.",
            rich_help_panel=SELECTION,
        ),
    ] = None,
    add: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Show the rows of another benchmark too: its rows.json.gz; repeatable.",
            rich_help_panel=SELECTION,
        ),
    ] = None,
    to: DirectionOption = None,
    budget: Annotated[
        str,
        typer.Option(
            metavar="COST",
            help="What a training may cost: 20m or 2h of processor time, 3000steps, 200000images.",
            rich_help_panel=LENGTH,
        ),
    ] = "20m",
    seeds: Annotated[
        int, typer.Option(metavar="N", min=1, help="Trainings of each recipe.", rich_help_panel=LENGTH)
    ] = 1,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="[NAME:]KEY=VALUE",
            help="Change a key of all recipes, or of one; repeatable.",
            rich_help_panel=LENGTH,
        ),
    ] = None,
    metric: Annotated[str | None, metrics_option("8, and the protocol's")] = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="The protocols of the data sets; repeatable.",
            show_default="those they meet",
            rich_help_panel=SCORING,
        ),
    ] = None,
    people: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="Test people whose images are shown.", rich_help_panel=SCORING),
    ] = 6,
    device: DeviceOption = "auto",
    precision: Annotated[
        Literal["auto", "fp32", "bf16", "fp16"],
        typer.Option(metavar="TYPE", help="Number format of the trainings.", rich_help_panel=HARDWARE),
    ] = "auto",
    jobs: Annotated[
        int, typer.Option(metavar="N", min=1, help="Rows worked on at once.", rich_help_panel=HARDWARE)
    ] = 1,
    engine: EngineOption = "local",
) -> None:
    """Train recipes under one budget, score them on the same test people, and compare.

    A row is a system on a data set with a seed. Rows that are done are not repeated, so the same command
    continues after an interruption. Writes index.html, table.md, table.csv, results.json and rows.json.gz,
    and prints the path of the page. Exits 1 if a row has diverged or failed; it is in the table with the
    reason.

    Examples:
      s2f benchmark pix2pix cyclegan-unet lle --budget 20m
      s2f benchmark pix2pix cut --data cuhk --data fs2k --seeds 2 --jobs 2
      s2f benchmark pix2pix --model face-to-sketch --results gda:sketch=gda/cuhk
      s2f benchmark pix2pix cut --set image.size=128 --set pix2pix:batch_size=4
      s2f benchmark mine.toml --add other/rows.json.gz
    """
    if not (recipes or model or results or add):
        raise typer.BadParameter("name recipes, --model, --results or --add")
    from s2f_cli.benchmark import checks
    from s2f_cli.benchmark.plan import Plan, rows_of, systems_of
    from s2f_cli.cli.commands.benchmark.output import run
    from s2f_cli.training.budget import Budget

    Budget.parse(budget)
    systems = systems_of(recipes or [], model or [], results or [], overrides or [])
    if not to and any(system.kind == "results" and not system.to for system in systems):
        raise typer.BadParameter("--results needs a domain, as in --results gda:sketch=gda/cuhk")
    metrics = metric.split(",") if metric else []
    sets = [checks.open_data(folder, protocol or [], metrics) for folder in data or [Path("data")]]
    plan = Plan(output, rows_of(systems, sets, seeds, budget), budget, to, device, precision)
    run(plan, sets, add=add or [], jobs=jobs, engine=engine, people=people)
