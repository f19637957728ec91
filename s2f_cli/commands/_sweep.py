"""`s2f train --sweep`: every combination of values, each with several seeds, one after the other."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import mean, stdev

import torch
import typer

from s2f_cli import console, runs
from s2f_cli.commands._session import Order, Session
from s2f_cli.curves import Curves
from s2f_cli.errors import S2FError

Setting = tuple[str, ...]
"""Overrides, `key=value` each."""


def train_all(order: Order, sweeps: Sequence[str], seeds: int, device: torch.device) -> None:
    """Train all settings with seeds 0, 1, … (from --seed on), each into a folder of its own below --output.

    A run that is there already and finished is not trained again, one that is not is resumed. Prints one
    table: the last losses, and scores where asked for, as mean ± standard deviation over the seeds. A run
    that fails is told and left out; the exit code is then 1.
    """
    if order.resume or order.init_from:
        raise typer.BadParameter(
            "a sweep starts its own runs, and goes on with those in its --output by itself"
        )
    settings = list(product(*map(_values, sweeps)))
    folder = order.output or runs.FOLDER / f"sweep-{Path(order.recipe).stem}"
    first = order.seed or 0
    failures: dict[str, str] = {}
    ends: dict[Setting, list[dict[str, float]]] = {setting: [] for setting in settings}
    for setting, seed in product(settings, range(first, first + seeds)):
        place = folder / "-".join([*(s.replace("/", "_") for s in setting), f"seed={seed}"])
        one = replace(
            order,
            output=place,
            overrides=(*order.overrides, *setting),
            seed=seed,
            resume=(place / "run.json").exists(),
        )
        try:
            session = Session(one, device)
            session.begin()
            session.drive()
            ends[setting].append(Curves.of(place).last())
        except S2FError as problem:
            failures[str(place)] = problem.message
    _print(ends)
    console.end_batch(failures)


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
