"""One row of a benchmark: `s2f train`, then `s2f evaluate`, each left out if its result is there.

Both run as processes of their own: a row cannot bring down the others, its peak memory is its own, and
anybody can repeat it by hand. Their commands are in `logs`.
"""

import hashlib
import json
import math
import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from s2f_cli.benchmark.plan import Plan, Row
from s2f_cli.benchmark.processes import Ended, Processes
from s2f_cli.core import documents, locks
from s2f_cli.core.errors import S2FError
from s2f_cli.core.files import atomic_write
from s2f_cli.models import locate, recipes
from s2f_cli.models.card import read_card
from s2f_cli.training.resume import without_length
from s2f_cli.training.run_lock import LOCK
from s2f_cli.training.run_settings import SETTINGS

State = Literal["scored", "diverged", "failed", "interrupted"]
_INTERRUPTED = 130
_WORDS = {"title", "source", "reported"}
"""What a recipe says of itself, and a training does not use."""
_PATIENCE = 1.0
"""Seconds between two looks at a run that another process trains."""
_DIVERGED = "is not a finite number"
"""What the trainer says of a loss or a weight that has diverged."""


@dataclass(frozen=True)
class Outcome:
    """How the work on a row ended, with the reason if it failed."""

    state: State
    reason: str = ""


def complete(plan: Plan, row: Row, processes: Processes) -> Outcome:
    """Train and score a row, as far as it is not done yet.

    A failure is written down. A row that has diverged is not trained again, because it would diverge again;
    other failures are.
    """
    file = plan.failure(row)
    known = read_failure(file)
    if known and known["state"] == "diverged":
        return Outcome("diverged", known["reason"])
    try:
        outcome = _train(plan, row, processes) or _score(plan, row, processes)
    except S2FError as problem:
        outcome = Outcome("failed", problem.message)
    if outcome.state in ("diverged", "failed"):
        atomic_write(file, json.dumps({"state": outcome.state, "reason": outcome.reason}) + "\n")
    elif outcome.state == "scored":
        file.unlink(missing_ok=True)
    return outcome


def read_failure(file: Path) -> dict[str, str] | None:
    """`state` and `reason` of a row that has failed."""
    try:
        return documents.from_json(file.read_bytes())
    except (OSError, ValueError):
        return None


def trained(plan: Plan, row: Row) -> bool:
    """Whether a row needs no training, or no more."""
    file = plan.run(row) / locate.BUNDLE
    return row.system.kind != "recipe" or (file.is_file() and read_card(file).finished)


def commands(plan: Plan, row: Row) -> tuple[str, ...]:
    """What a person would type to repeat a row."""
    training = [train_command(plan, row)] if row.system.kind == "recipe" else []
    return tuple(shlex.join(words) for words in (*training, evaluate_command(plan, row)))


def scored(plan: Plan, row: Row) -> bool:
    """Whether a row needs no work, or no more."""
    return trained(plan, row) and read_scores(plan.scores(row), fingerprint(plan, row)) is not None


def train_command(plan: Plan, row: Row) -> list[str]:
    """The command that starts the training of a row, or continues it."""
    run = plan.run(row)
    words = ["s2f", "train", row.system.source, "--data", str(row.data.folder), "--output", str(run)]
    words += ["--budget", plan.budget, "--device", plan.device]
    if (run / SETTINGS).exists() and not trained(plan, row):
        return [*words, "--resume"]
    words += ["--seed", str(row.seed), "--precision", plan.precision]
    return words + [word for override in row.system.overrides for word in ("--set", override)]


def evaluate_command(plan: Plan, row: Row) -> list[str]:
    """The command that scores a row and prints JSON."""
    words = ["s2f", "evaluate", plan.model(row), "--data", str(row.data.folder)]
    words += ["--metric", ",".join(row.data.metrics), "--device", plan.device, "--json"]
    words += ["--protocol", row.data.protocol] if row.data.protocol else []
    to = plan.to_of(row)
    return words + (["--to", to] if to else [])


def _train(plan: Plan, row: Row, processes: Processes) -> Outcome | None:
    """Train a row to its end; None once it is trained."""
    if row.system.kind == "recipe":
        _wait(plan.run(row) / LOCK, processes)
    if trained(plan, row):
        return None
    ended = processes.run(train_command(plan, row), plan.log(row))
    if ended.code == 0:
        return None
    return _failed(ended)


def _wait(lock: Path, processes: Processes) -> None:
    """Wait while another process trains the run, such as one that outlived a killed benchmark."""
    while not processes.stopped:
        try:
            locks.check_free(lock)
            return
        except locks.Held:
            time.sleep(_PATIENCE)


def _score(plan: Plan, row: Row, processes: Processes) -> Outcome:
    file, what = plan.scores(row), fingerprint(plan, row)
    if read_scores(file, what) is not None:
        return Outcome("scored")
    ended = processes.run(evaluate_command(plan, row), plan.log(row))
    try:
        document = documents.from_json(ended.stdout)
    except ValueError:
        return _failed(ended)
    atomic_write(file, json.dumps({"of": what, "evaluation": document}) + "\n")
    return Outcome("scored")


def _failed(ended: Ended) -> Outcome:
    if ended.code == _INTERRUPTED or ended.stopped:
        return Outcome("interrupted")
    return Outcome("diverged" if _DIVERGED in ended.reason else "failed", ended.reason)


def fingerprint(plan: Plan, row: Row) -> dict[str, Any]:
    """What the scores of a row depend on."""
    model = Path(plan.model(row))
    found = model if row.system.kind == "results" else locate.locate(model)
    files = sorted(found.rglob("*")) if found.is_dir() else [found]
    return {
        "command": shlex.join(evaluate_command(plan, row)),
        "data": row.data.digest,
        "files": len(files),
        "changed": max((file.stat().st_mtime_ns for file in files), default=math.nan),
    }


def recipe_digest(row: Row) -> str:
    """What tells recipes of the same name apart: a digest of what a training uses, without its length."""
    recipe = without_length(recipes.read(row.system.source, row.system.overrides))
    return hashlib.sha256(recipe.model_dump_json(exclude_defaults=True, exclude=_WORDS).encode()).hexdigest()[
        :12
    ]


def read_scores(file: Path, what: dict[str, Any]) -> dict[str, Any] | None:
    """The document of `s2f evaluate --json` in a file of scores, if they are those of `what`."""
    try:
        document = documents.from_json(file.read_bytes())
    except (OSError, ValueError):
        return None
    return document["evaluation"] if document["of"] == what else None
