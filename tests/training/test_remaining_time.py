"""The estimate of the time that a training has left, by a clock of the test's own."""

from collections.abc import Iterator

import pytest

from s2f_cli.training.loop import StepResult
from s2f_cli.training.remaining_time import RemainingTime

TOTAL = 200
EPOCH = 40
ONE_STAGE = [("train", TOTAL)]


class Clock:
    """A clock that moves only when a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def training(clock: Clock, first: float, waits: float, between: float = 0.0) -> Iterator[StepResult]:
    """Steps of one second; the first takes `first`, and those of the first epoch wait for their images."""
    for step in range(1, TOTAL + 1):
        waited = waits if step <= EPOCH else 0.0
        clock.now += (first if step == 1 else 1.0) + waited
        yield StepResult(step, TOTAL, (step - 1) // EPOCH, "train", 2, {}, waited, EPOCH)
        clock.now += between


@pytest.mark.parametrize(
    ("first", "waits", "between"), [(1.0, 0.0, 0.0), (9.0, 0.0, 0.0), (9.0, 2.0, 0.0), (9.0, 2.0, 0.5)]
)
def test_after_ten_steps_the_estimate_is_within_a_tenth(first: float, waits: float, between: float) -> None:
    clock = Clock()
    remaining = RemainingTime(ONE_STAGE, clock=clock)
    steps = training(clock, first, waits, between)
    estimates = [(clock.now, left) for _, left in remaining.timed(steps)]
    end = estimates[-1][0]
    for now, left in estimates[9:-1]:
        assert left == pytest.approx(end - now, rel=0.1, abs=1.0)
    assert estimates[-1][1] == 0


def test_images_that_do_not_fit_in_memory_keep_counting() -> None:
    clock = Clock()

    def slow() -> Iterator[StepResult]:
        for step in range(1, TOTAL + 1):
            clock.now += 3.0
            yield StepResult(step, TOTAL, (step - 1) // EPOCH, "train", 2, {}, 2.0, EPOCH)

    estimates = [left for _, left in RemainingTime(ONE_STAGE, clock=clock).timed(slow())]
    assert estimates[EPOCH + 1] == pytest.approx(3.0 * (TOTAL - EPOCH - 2))


def stages(clock: Clock) -> Iterator[StepResult]:
    """Ten steps of one second, ten of five, and five of a half."""
    for step in range(1, 26):
        stage, seconds = [("first", 1.0), ("second", 5.0), ("third", 0.5)][(step - 1) // 10]
        clock.now += seconds
        yield StepResult(step, 25, 0, stage, 2, {}, 0.0, EPOCH)


STAGES = [("first", 10), ("second", 10), ("third", 5)]


def test_a_new_stage_is_measured_from_its_own_steps() -> None:
    clock = Clock()
    estimates = [left for _, left in RemainingTime(STAGES, clock=clock).timed(stages(clock))]
    assert estimates[9] == pytest.approx(15.0)
    assert estimates[10] == pytest.approx(70.0)


def test_measured_costs_predict_how_long_later_stages_take() -> None:
    clock = Clock()
    costs = {"first": 2.0, "second": 10.0, "third": 1.0}
    remaining = RemainingTime(STAGES, costs, clock)
    estimates = [(clock.now, left) for _, left in remaining.timed(stages(clock))]
    for now, left in estimates:
        assert left == pytest.approx(clock.now - now)
