"""`s2f train --sweep`: every combination of values, each with several seeds; one table in the end."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import mean, stdev

import torch
import typer

from s2f_cli.cli import console
from s2f_cli.cli.commands.train.request import TrainRequest
from s2f_cli.cli.commands.train.session import Session
from s2f_cli.core import distributed
from s2f_cli.core.errors import RunError, S2FError
from s2f_cli.core.requirements import require
from s2f_cli.models.locate import RUNS
from s2f_cli.training.curves import Curves

Setting = tuple[str, ...]
"""Overrides, `key=value` each."""


def train_all(
    order: TrainRequest, sweeps: Sequence[str], seeds: int, device: torch.device, on_ray: bool
) -> None:
    """Train all settings with seeds 0, 1, … (from --seed on), each into a folder of its own below --output.

    One after the other, or as trials of Ray Tune. A run that is there already and finished is not trained
    again, one that is not is resumed. Prints one table: the last losses, and scores where asked for, as mean
    ± standard deviation over the seeds. A run that fails is told and left out; the exit code is then 1.
    """
    if order.resume or order.init_from:
        raise typer.BadParameter(
            "a sweep starts its own runs, and goes on with those in its --output by itself"
        )
    folder = order.output or RUNS / f"sweep-{Path(order.recipe).stem}"
    first = order.seed or 0
    trials: dict[tuple[Setting, int], TrainRequest] = {}
    for setting, seed in product(product(*map(_values, sweeps)), range(first, first + seeds)):
        place = folder / "-".join([*(s.replace("/", "_") for s in setting), f"seed={seed}"])
        trials[setting, seed] = replace(
            order,
            output=place,
            overrides=(*order.overrides, *setting),
            seed=seed,
            resume=(place / "run.json").exists(),
        )
    failures = _with_ray(list(trials.values()), folder) if on_ray else _in_turn(list(trials.values()), device)
    if distributed.rank():
        return
    ends: dict[Setting, list[dict[str, float]]] = {setting: [] for setting, _ in trials}
    for (setting, _), one in trials.items():
        assert one.output
        if str(one.output) not in failures:
            ends[setting].append(Curves.of(one.output).last())
    _print(ends)
    console.end_batch(failures)


def _in_turn(orders: Sequence[TrainRequest], device: torch.device) -> dict[str, str]:
    """Train one after the other; returns the reasons of those that failed, by folder."""
    failures: dict[str, str] = {}
    for order in orders:
        try:
            session = Session(order, device)
            session.begin()
            session.drive()
        except S2FError as problem:
            failures[str(order.output)] = problem.message
    return failures


def _with_ray(orders: Sequence[TrainRequest], folder: Path) -> dict[str, str]:
    """Train as trials of Ray Tune, as many at once as the cluster has room for; its own files go into `ray/`.

    All nodes must see the same files under the same paths. Raises MissingPart when Ray is not installed.
    """
    tune = require("ray", "ray") and require("ray.tune", "ray")
    here = Path.cwd()
    commands = [order.words(here / order.output)[1:] for order in orders if order.output]

    def trial(config: dict[str, int]) -> dict[str, object]:
        words = [sys.executable, "-m", "s2f_cli", *commands[config["trial"]]]
        done = subprocess.run(words, cwd=here, capture_output=True, text=True, check=False)
        lines = done.stderr.splitlines() or [f"it ended with {done.returncode}"]
        told = [line for line in lines if line.startswith("error: ")] or lines
        return {"code": done.returncode, "reason": told[-1].removeprefix("error: ")}

    gpus = torch.cuda.device_count() and 1
    tuner = tune.Tuner(
        tune.with_resources(trial, {"cpu": torch.get_num_threads(), "gpu": gpus}),
        param_space={"trial": tune.grid_search(list(range(len(commands))))},
        run_config=tune.RunConfig(verbose=0, storage_path=str(here / folder / "ray")),
    )
    with redirect_stdout(sys.stderr):  # Ray tells its own settings there
        results = list(tuner.fit())
    if len(results) != len(orders):
        raise RunError("Ray Tune lost a trial", "see what it printed, then run the same command again")
    codes = {result.config["trial"]: result.metrics for result in results}
    return {
        str(order.output): str((codes[number] or {}).get("reason") or "it ended without a reason")
        for number, order in enumerate(orders)
        if (codes[number] or {}).get("code", 1)
    }


def _values(sweep: str) -> list[str]:
    key, equals, values = sweep.partition("=")
    if not equals or not values:
        raise typer.BadParameter(f"{sweep!r} is not KEY=V1,V2,…", param_hint="--sweep")
    return [f"{key}={value}" for value in _split(values)]


def _split(values: str) -> list[str]:
    """Split at the commas that stand in no brackets or quotes."""
    parts, depth, quoted = [""], 0, False
    for letter in values:
        quoted ^= letter == '"'
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _print(ends: dict[Setting, list[dict[str, float]]]) -> None:
    rows = []
    for setting, each in ends.items():
        told = " ".join(setting) or "as it is"
        for name in sorted({name for end in each for name in end}):
            values = [end[name] for end in each if name in end]
            rows.append((told, name, str(len(values)), _spread(values)))
    console.out.print(console.table("", ("setting", "value", "runs", "mean ± sd"), rows))


def _spread(values: Sequence[float]) -> str:
    return f"{mean(values):.4g} ± {stdev(values):.2g}" if len(values) > 1 else f"{values[0]:.4g}"
