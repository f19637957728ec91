"""`s2f train --sweep`: every combination of values, each with several seeds, and one table at the end."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import mean, stdev

import torch
import typer

from s2f_cli.cli import console
from s2f_cli.cli.commands.train.command_line import command_line
from s2f_cli.cli.commands.train.render import train_and_show
from s2f_cli.core import distributed
from s2f_cli.core.errors import RunError, S2FError
from s2f_cli.core.requirements import require
from s2f_cli.evaluation.scored_training import open_trainer
from s2f_cli.models.locate import RUNS
from s2f_cli.training.curves import Curves
from s2f_cli.training.request import TrainRequest

Setting = tuple[str, ...]
"""Recipe overrides, `key=value` each."""


def train_all(
    request: TrainRequest, sweeps: Sequence[str], seeds: int, device: torch.device, on_ray: bool
) -> None:
    """Train every setting with `seeds` seeds, counted up from --seed, each in its own folder below --output.

    Trains one after the other, or as trials of Ray Tune. Finished runs are not trained again, unfinished ones
    are resumed. Prints one table of the last losses and scores, as mean ± standard deviation over the seeds.
    Runs that fail are reported and left out; the exit code is then 1.
    """
    if request.resume or request.init_from:
        raise typer.BadParameter("a sweep resumes its own runs: leave out --resume and --init-from")
    folder = request.output or RUNS / f"sweep-{Path(request.recipe).stem}"
    trials = _trials(request, [_overrides(sweep) for sweep in sweeps], seeds, folder)
    runs = {run: trial for (_, run), trial in trials.items()}
    failures = _with_ray(runs, folder) if on_ray else _in_turn(runs, device)
    if distributed.rank():
        return
    results: dict[Setting, list[dict[str, float]]] = {setting: [] for setting, _ in trials}
    for setting, run in trials:
        if str(run) not in failures:
            results[setting].append(Curves.of(run).last())
    _print(results)
    console.end_batch(failures)


def _trials(
    request: TrainRequest, sweeps: Sequence[Sequence[str]], seeds: int, folder: Path
) -> dict[tuple[Setting, Path], TrainRequest]:
    """The request of each run, by its setting and run folder."""
    trials: dict[tuple[Setting, Path], TrainRequest] = {}
    first = request.seed or 0
    for setting, seed in product(product(*sweeps), range(first, first + seeds)):
        run = folder / "-".join([*(override.replace("/", "_") for override in setting), f"seed={seed}"])
        trials[setting, run] = replace(
            request,
            output=run,
            overrides=(*request.overrides, *setting),
            seed=seed,
            resume=(run / "run.json").exists(),
        )
    return trials


def _in_turn(runs: Mapping[Path, TrainRequest], device: torch.device) -> dict[str, str]:
    """Train one after the other; returns the reasons of the failures, by folder."""
    failures: dict[str, str] = {}
    for run, request in runs.items():
        try:
            train_and_show(open_trainer(request, device))
        except S2FError as problem:
            failures[str(run)] = problem.message
    return failures


def _with_ray(runs: Mapping[Path, TrainRequest], folder: Path) -> dict[str, str]:
    """Train as trials of Ray Tune, as many at once as fit on the cluster.

    All nodes must see the same files under the same paths. Ray's own files go to `ray/` in the folder.
    Returns the reasons of the failures, by folder. Raises MissingPart if Ray is not installed.
    """
    tune = require("ray", "ray") and require("ray.tune", "ray")
    here = Path.cwd()
    commands = [command_line(request, here / run)[1:] for run, request in runs.items()]

    def trial(config: dict[str, int]) -> dict[str, object]:
        command = [sys.executable, "-m", "s2f_cli", *commands[config["trial"]]]
        process = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
        lines = process.stderr.splitlines() or [f"exit code {process.returncode}"]
        errors = [line for line in lines if line.startswith("error: ")] or lines
        return {"code": process.returncode, "reason": errors[-1].removeprefix("error: ")}

    gpus = torch.cuda.device_count() and 1
    tuner = tune.Tuner(
        tune.with_resources(trial, {"cpu": torch.get_num_threads(), "gpu": gpus}),
        param_space={"trial": tune.grid_search(list(range(len(commands))))},
        run_config=tune.RunConfig(verbose=0, storage_path=str(here / folder / "ray")),
    )
    with redirect_stdout(sys.stderr):  # Ray prints its configuration on stdout
        results = list(tuner.fit())
    if len(results) != len(runs):
        raise RunError("Ray Tune lost a trial", "see its output above, then run the same command again")
    outcomes = {result.config["trial"]: result.metrics or {} for result in results}
    return {
        str(run): str(outcomes[number].get("reason") or "no reason given")
        for number, run in enumerate(runs)
        if outcomes[number].get("code", 1)
    }


def _overrides(sweep: str) -> list[str]:
    """`key=1,2` as `key=1` and `key=2`."""
    key, equals, values = sweep.partition("=")
    if not equals or not values:
        raise typer.BadParameter(f"{sweep!r} is not KEY=V1,V2,…", param_hint="--sweep")
    return [f"{key}={value}" for value in split_values(values)]


def split_values(values: str) -> list[str]:
    """Split at commas, but not at those within brackets or quotes."""
    parts, depth, quoted = [""], 0, False
    for letter in values:
        quoted ^= letter == '"'
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _print(results: Mapping[Setting, Sequence[Mapping[str, float]]]) -> None:
    rows = []
    for setting, runs in results.items():
        title = " ".join(setting) or "unchanged"
        for name in sorted({name for run in runs for name in run}):
            values = [run[name] for run in runs if name in run]
            rows.append((title, name, str(len(values)), _spread(values)))
    console.out.print(console.table("", ("setting", "value", "runs", "mean ± sd"), rows))


def _spread(values: Sequence[float]) -> str:
    return f"{mean(values):.4g} ± {stdev(values):.2g}" if len(values) > 1 else f"{values[0]:.4g}"
