"""What is on disk about the rows of a benchmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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
    """None for a row that is not trained here, or has not saved yet."""
    samples: Samples | None = None

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


def read(plan: Plan, row: Row) -> Measured:
    """What is known about a row now."""
    training = _training(plan.run(row)) if row.system.kind == "recipe" else None
    document = None
    if work.trained(plan, row):
        try:
            document = work.read_scores(plan.scores(row), work.fingerprint(plan, row))
        except S2FError as problem:
            return Measured(row, "failed", problem.message, training=training)
    if document is None:
        failure = work.read_failure(plan.failure(row))
        if failure is None:
            return Measured(row, "waiting", "not done yet", training=training)
        state: State = "diverged" if failure["state"] == "diverged" else "failed"
        return Measured(row, state, failure["reason"], training=training)
    results = [_named(result, row) for result in results_json.from_json(document)]
    scored = [result for result in results if result.kind == "measured"]
    printed = [result for result in results if result.kind == "printed"]
    return Measured(row, "scored", "", scored, printed, training, samples.read(plan.samples(row)))


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
    provenance: Mapping[str, str] = {**result.provenance, "recipe": row.system.name}
    return EvaluationResult(
        row.name,
        result.direction,
        result.data,
        result.scores,
        result.left_out,
        provenance,
        result.conditions,
        result.kind,
    )
