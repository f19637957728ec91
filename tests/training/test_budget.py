"""Budgets: how they are written, scale a recipe, end a training and survive its resumption."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from s2f_cli.core.errors import RunError
from s2f_cli.models import recipes
from s2f_cli.models.recipes.schema import Ramp
from s2f_cli.training import budget
from s2f_cli.training.budget import Budget
from s2f_cli.training.events import Finished, Stepped, Stopped
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.run_folder import Run
from s2f_cli.training.trainer import Trainer


@pytest.fixture
def request_(here: Path, data: Path, tiny_recipe: Path) -> TrainRequest:
    return TrainRequest(str(tiny_recipe), data, Path("run"), device="cpu")


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that every reading moves on by one second."""
    readings = iter(range(10**6))
    monkeypatch.setattr(budget, "clock", lambda device: float(next(readings)))


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("90s", 90, "seconds"),
        ("20m", 1200, "seconds"),
        ("1.5h", 5400, "seconds"),
        ("3000steps", 3000, "steps"),
        ("200000 images", 200000, "images"),
    ],
)
def test_budgets_are_read(text: str, amount: float, unit: str) -> None:
    assert Budget.parse(text) == Budget(amount, unit)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["20", "m", "-3m", "0m", "3000 epochs", ""])
def test_other_budgets_are_refused(text: str) -> None:
    with pytest.raises(RunError, match="not a budget"):
        Budget.parse(text)


class Lengths:
    """A training that only knows its lengths."""

    def __init__(self, *lengths: int) -> None:
        self.lengths = list(lengths)


def test_all_stages_shrink_by_one_factor_with_their_ramps() -> None:
    recipe = recipes.read("cyclegan-vae-pretrained")
    fitted = budget.fit(recipe, Budget(1250, "steps"), lambda _: Lengths(100_000, 25_000))  # type: ignore[arg-type]
    assert [stage.steps for stage in fitted.stages] == [1000, 250]
    assert fitted.stages[0].weights["kl"] == Ramp(value=5000.0, start=100, ramp=50)


def test_images_are_steps_of_whole_batches() -> None:
    fitted = budget.fit(recipes.read("pix2pix"), Budget(40, "images"), lambda _: Lengths(500))  # type: ignore[arg-type]
    assert fitted.stages[0].steps == 40 // recipes.read("pix2pix").stages[0].batch_size


def test_a_recipe_that_trains_nothing_keeps_its_length() -> None:
    recipe = recipes.read("lle")
    assert budget.fit(recipe, Budget(3, "steps"), lambda _: Lengths(88)) == recipe  # type: ignore[arg-type]


def test_a_time_becomes_the_steps_it_is_planned_to_take(request_: TrainRequest, ticks: None) -> None:
    training = Trainer(replace(request_, budget="20s"))
    assert training.training.total == round(20 * budget.PLANNED)  # a step takes a second
    *_, end = training.run()
    assert isinstance(end, Finished)
    spent = Run.open(Path("run")).spent()
    assert spent is not None and (spent.seconds, spent.images) == (19, 38) and spent.peak_bytes > 0


@pytest.mark.parametrize(("amount", "probed"), [(1, 2), (100, 5), (10_000, budget.PROBE_STEPS)])
def test_a_stage_of_slow_steps_is_timed_over_few_of_them(ticks: None, amount: float, probed: int) -> None:
    recipe, done = recipes.read("pix2pix"), []

    class Steps(Lengths):
        device = None

        def run(self) -> Iterator[SimpleNamespace]:
            for _ in range(budget.PROBE_STEPS):
                done.append(1)
                yield SimpleNamespace(losses=dict)

    budget.fit(recipe, Budget(amount, "seconds"), lambda _: Steps(100))  # type: ignore[arg-type]
    assert len(done) == probed


def test_a_training_stops_when_its_time_is_used_up_and_adds_up_over_resumes(
    request_: TrainRequest, ticks: None
) -> None:
    training = Trainer(replace(request_, budget="6s", steps=None))
    training._budget = Budget(4, "seconds")
    for event in training.run():
        if isinstance(event, Stepped) and event.step == 2:
            training.stop()
    assert event == Stopped(2, 6, "requested", 0, None)
    resumed = replace(request_, budget="4s", resume=True)
    *_, end = Trainer(resumed).run()
    assert end == Stopped(4, 6, "budget", 0, None)
    spent = Run.open(Path("run")).spent()
    assert spent is not None and spent.seconds == 4
    assert Run.open(Path("run")).bundle.is_file()
    assert [type(event) for event in Trainer(resumed).run()][1:] == [Stopped]


def test_a_budget_excludes_a_length(request_: TrainRequest) -> None:
    with pytest.raises(RunError, match="budget"):
        Trainer(replace(request_, budget="3steps", steps=2))
