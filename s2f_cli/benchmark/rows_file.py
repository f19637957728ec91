"""Rows that travel: the rows of a benchmark in one file, without images, for others to show beside theirs."""

import gzip
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from s2f_cli.benchmark import measured, work
from s2f_cli.benchmark.measured import Measured, State, Training
from s2f_cli.benchmark.plan import DataSet, Kind, Plan, Row, System, key, shortened
from s2f_cli.benchmark.samples import Samples
from s2f_cli.core.errors import RunError, first_line, reason_of
from s2f_cli.models.domains import Domain

FILE = "rows.json.gz"
_DIGITS = 6
"""Significant digits of the scores of single images."""


class _SavedRow(BaseModel):
    """A row with its results."""

    model_config = ConfigDict(frozen=True)

    system: str
    kind: Kind
    to: Domain | None
    seed: int | None
    budget: str
    recipe: str
    """What tells recipes of the same name apart; empty for systems that are not trained."""
    data: str
    data_digest: str
    protocol: str | None
    metrics: tuple[str, ...]
    state: State
    reason: str
    machine: str
    commands: tuple[str, ...]
    training: Training | None
    seconds: Mapping[str, float]
    parameters: Mapping[str, int]
    evaluation: Mapping[str, Any] | None


class _Rows(BaseModel):
    format: Literal[1] = 1
    rows: tuple[_SavedRow, ...]


@dataclass(frozen=True)
class Joined:
    """The rows of a benchmark with those of others."""

    plan: Plan
    """The plan with all rows."""
    added: Mapping[Row, Measured]
    """The rows that come from files."""
    left_out: Sequence[str]
    """Rows of files that are not shown, with the reason."""


def as_bytes(rows: Sequence[Measured], plan: Plan) -> bytes:
    """The rows that are done; the same bytes for the same rows."""
    done = tuple(_saved(row, plan) for row in rows if row.state != "waiting")
    return gzip.compress(_Rows(rows=done).model_dump_json().encode(), mtime=0)


def _saved(known: Measured, plan: Plan) -> _SavedRow:
    row, shown = known.row, known.samples
    return _SavedRow(
        system=row.system.name,
        kind=row.system.kind,
        to=row.system.to,
        seed=row.seed,
        budget="" if row.seed is None else row.budget or shortened(plan.budget),
        recipe=known.recipe,
        data=row.data.name,
        data_digest=row.data.digest,
        protocol=row.data.protocol,
        metrics=row.data.metrics,
        state=known.state,
        reason=known.reason,
        machine=known.machine,
        commands=known.commands,
        training=known.training,
        seconds=shown.seconds if shown else {},
        parameters=shown.parameters if shown else {},
        evaluation=_rounded(known.evaluation) if known.evaluation else None,
    )


def _rounded(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """A document whose scores of single images have six significant digits, which halves the file."""
    results = [
        {
            **result,
            "per_image": {
                image: {metric: _short(score) for metric, score in scores.items()}
                for image, scores in result["per_image"].items()
            },
        }
        for result in evaluation["results"]
    ]
    return {**evaluation, "results": results}


def _short(score: float | str | None) -> float | str | None:
    return float(f"{score:.{_DIGITS}g}") if isinstance(score, float) else score


def join(plan: Plan, data: Sequence[DataSet], files: Sequence[Path]) -> Joined:
    """Read the rows of other benchmarks on these data sets, in the order of the files.

    A recipe's row that this benchmark has too, but has not scored, counts as done, unless it has failed. Of
    other rows that are there twice, the first is shown, this benchmark's own before all.

    Raises RunError if a file cannot be read or has nothing on these data sets, and if it has a row under
    another protocol, without a metric of this benchmark, or of another recipe under the same name.
    """
    own = {row.key: row for row in plan.rows}
    added: dict[str, Measured] = {}
    left_out = []
    for file in files:
        rows, elsewhere = _read(file, plan, data)
        left_out += elsewhere
        for known in rows:
            mine = own.get(known.row.key)
            if known.row.key in added:
                left_out.append(f"{known.row.title}: an earlier file has it")
            elif mine and (mine.system.kind != "recipe" or work.scored(plan, mine)):
                left_out.append(f"{known.row.title}: this benchmark has its own")
            elif mine and known.state == "failed":
                left_out.append(f"{known.row.title}: it failed there, and is tried here")
            elif mine and work.recipe_digest(mine) != known.recipe:
                raise RunError(
                    f"{file} has {known.row.title}, trained with other settings",
                    "leave out the recipe or the file, or give the recipe another name",
                )
            else:
                added[known.row.key] = known
    others = (known.row for name, known in added.items() if name not in own)
    every = _numbered((*plan.rows, *others))
    known_rows = {row: _renamed(added[row.key], row) for row in every if row.key in added}
    return Joined(replace(plan, rows=every), known_rows, left_out)


def _numbered(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows that know how many seeds their system has by now."""
    seeds = Counter((row.group, row.data) for row in rows)
    return tuple(replace(row, seeds=max(row.seeds, seeds[row.group, row.data])) for row in rows)


def _renamed(known: Measured, row: Row) -> Measured:
    known = replace(known, row=row)
    return measured.with_results(known, known.evaluation) if known.evaluation else known


def _read(file: Path, plan: Plan, data: Sequence[DataSet]) -> tuple[list[Measured], list[str]]:
    """The rows of a file on these data sets, and the reasons why the others are left out."""
    by_digest = {one.digest: one for one in data}
    try:
        saved = _Rows.model_validate_json(gzip.decompress(file.read_bytes())).rows
        here = [row for row in saved if row.data_digest in by_digest]
        rows = [_measured(row, _checked(row, by_digest[row.data_digest], file), plan) for row in here]
    except (OSError, EOFError, zlib.error) as problem:
        raise RunError(f"{file}: {reason_of(problem)}", f"name the file {FILE} of a benchmark") from None
    except (ValidationError, KeyError, TypeError) as problem:
        raise RunError(
            f"{file} has no rows of a benchmark: {first_line(problem)}",
            f"name the file {FILE} of a benchmark",
        ) from None
    if not rows:
        names = ", ".join(dict.fromkeys(f"{row.data} {row.data_digest}" for row in saved))
        raise RunError(
            f"{file} was scored on other data ({names or 'it has no rows'})",
            "prepare the same data with the same options, and name it with --data",
        )
    return rows, [
        f"{row.system}, on {row.data}: other data" for row in saved if row.data_digest not in by_digest
    ]


def _checked(saved: _SavedRow, data: DataSet, file: Path) -> DataSet:
    """The data set, if a row was scored on it under the same protocol and in all of its metrics."""
    if data.protocol != saved.protocol:
        problem = f"under {saved.protocol or 'no protocol'}, not under {data.protocol or 'none'}"
        raise RunError(f"{file}: {saved.system} was scored {problem}", "choose the same --protocol")
    if missing := [metric for metric in data.metrics if metric not in saved.metrics]:
        raise RunError(
            f"{file}: {saved.system} has no scores in {', '.join(missing)}",
            f"use --metric {','.join(metric for metric in data.metrics if metric not in missing)}",
        )
    return data


def _measured(saved: _SavedRow, data: DataSet, plan: Plan) -> Measured:
    system = System(saved.system, saved.kind, "", to=saved.to)
    other = "" if saved.budget == shortened(plan.budget) else saved.budget
    name = key(system, data, saved.seed, saved.budget)
    known = Measured(
        Row(system, data, saved.seed, name, budget=other),
        saved.state,
        saved.reason,
        training=saved.training,
        samples=Samples({}, saved.seconds, saved.parameters),
        recipe=saved.recipe,
        machine=saved.machine,
        commands=saved.commands,
    )
    if saved.evaluation is None:
        return known
    results = [one for one in saved.evaluation["results"] if one["direction"].endswith(plan.to or "")]
    return measured.with_results(known, {**saved.evaluation, "results": results})
