"""What is on disk about the rows of a benchmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from s2f_cli.benchmark import samples, work
from s2f_cli.benchmark.plan import Plan, Row
from s2f_cli.benchmark.samples import Samples
from s2f_cli.core.errors import S2FError
from s2f_cli.evaluation import results_json
from s2f_cli.evaluation.results import EvaluationResult
from s2f_cli.models import locate
from s2f_cli.models.card import read_card
from s2f_cli.training.cost import Spent
from s2f_cli.training.request import Precision
from s2f_cli.training.run_folder import Run

State = Literal["scored", "diverged", "failed", "waiting"]


@dataclass(frozen=True)
class Training:
    """How a row has been trained, as far as its run is saved."""

    steps: int
    precision: Precision
    spent: Spent | None
    """What it has cost; None for runs of older versions."""


@dataclass(frozen=True)
class Measured:
    """A row with its results, as far as they are there."""

    row: Row
    state: State
    reason: str = ""
    """Why there are no scores."""
    scored: Sequence[EvaluationResult] = ()
    """A result for each direction."""
    printed: Sequence[EvaluationResult] = ()
    """What reports print for the system."""
    training: Training | None = None
    """None for a system that is not trained, or has not saved yet."""
    samples: Samples | None = None
    evaluation: Mapping[str, Any] | None = None
    """The document of `s2f evaluate --json` with the results."""
    recipe: str = ""
    """The digest of its recipe (see `work.recipe_digest`); empty for a system that is not trained."""
    machine: str = ""
    """The machine that it ran on."""
    commands: tuple[str, ...] = ()
    """What a person would type to repeat it."""

    @property
    def name(self) -> str:
        """The system, with its seed if it is trained with several."""
        return self.row.name

    @property
    def seeded(self) -> bool:
        """Whether the row is one of several seeds that a mean can be taken of."""
        return self.row.seed is not None

    @property
    def spent(self) -> Spent | None:
        """What the training has cost."""
        return self.training.spent if self.training else None

    @property
    def seconds_per_image(self) -> float | None:
        """Training time for each image seen."""
        return self.spent.seconds / self.spent.images if self.spent and self.spent.images else None


def read(plan: Plan, row: Row, machine: str) -> Measured:
    """What is known now about a row of this machine."""
    known = Measured(row, "waiting", "not done yet", machine=machine, commands=work.commands(plan, row))
    if row.system.kind == "recipe":
        known = replace(known, training=_training(plan.run(row)), recipe=work.recipe_digest(row))
    document = None
    if work.trained(plan, row):
        try:
            document = work.read_scores(plan.scores(row), work.fingerprint(plan, row))
        except S2FError as problem:
            return replace(known, state="failed", reason=problem.message)
    if document is not None:
        return replace(with_results(known, document), samples=samples.read(plan.samples(row)))
    failure = work.read_failure(plan.failure(row))
    if failure is None:
        return known
    return replace(
        known, state="diverged" if failure["state"] == "diverged" else "failed", reason=failure["reason"]
    )


def with_results(known: Measured, document: Mapping[str, Any]) -> Measured:
    """A row with the results in a document of `s2f evaluate --json`."""
    results = [_named(result, known.row) for result in results_json.from_json(document)]
    scored = [result for result in results if result.kind == "measured"]
    printed = [result for result in results if result.kind == "printed"]
    return replace(known, state="scored", reason="", scored=scored, printed=printed, evaluation=document)


def _training(folder: Path) -> Training | None:
    file = folder / locate.BUNDLE
    if not file.is_file():
        return None
    run = Run.open(folder)
    return Training(read_card(file).step, run.settings.precision, run.spent())


def _named(result: EvaluationResult, row: Row) -> EvaluationResult:
    """A result under the name of its row, which groups the seeds of a system."""
    if result.kind != "measured":
        return result
    provenance: Mapping[str, str] = {**result.provenance, "recipe": row.group}
    return replace(result, name=row.name, provenance=provenance)
