"""The time that a training has left."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median

from s2f_cli.training.loop import StepResult

_WINDOW = 50
"""Number of latest steps that an estimate is based on."""


class RemainingTime:
    """Estimates how long a training lasts from the median of its latest steps.

    In the first epoch of a stage, steps wait while images are decoded; later these are in memory, as far as
    they fit. So waiting counts for the rest of that epoch, and then as far as it is observed. Work between
    the steps (samples, scores, saves) is spread evenly over all steps.

    stages   the stages and their numbers of steps, in order
    costs    seconds of a step of each stage, measured before. Only their ratios count; without them, later
             stages are taken to be as fast as the current one.
    """

    def __init__(
        self,
        stages: Sequence[tuple[str, int]],
        costs: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stages = stages
        self._costs = costs or {}
        self._clock = clock
        self._stage = ""
        self._stage_steps = self._steps = 0
        self._between = 0.0
        self._latest: deque[tuple[float, float]] = deque(maxlen=_WINDOW)

    def timed(self, results: Iterable[StepResult]) -> Iterator[tuple[StepResult, float]]:
        """Yield each result with the seconds left after it."""
        resumed = self._clock()
        for result in results:
            done = self._clock()
            yield result, self._after(result, done - resumed)
            resumed = self._clock()
            self._between += resumed - done

    def _after(self, result: StepResult, seconds: float) -> float:
        if result.stage != self._stage:
            self._stage, self._stage_steps = result.stage, 0
            self._latest.clear()
        self._steps += 1
        self._stage_steps += 1
        if self._stage_steps == result.epoch_steps + 1:
            self._latest.clear()
        self._latest.append((seconds, result.waited))
        whole = median(seconds for seconds, _ in self._latest)
        later = median(seconds - waited for seconds, waited in self._latest)
        end, later_steps = self._ahead(result.stage)
        left = end - result.step
        loading = left if self._stage_steps > result.epoch_steps else result.epoch_steps - self._stage_steps
        loading = min(loading, left)
        between = (result.total - result.step) * self._between / self._steps
        return loading * whole + (left - loading + later_steps) * later + between

    def _ahead(self, stage: str) -> tuple[int, float]:
        """The last step of a stage, and how many of its steps take as long as all later stages."""
        number = [name for name, _ in self._stages].index(stage)
        own = self._costs.get(stage)
        later = [
            steps * (self._costs[name] / own if own and name in self._costs else 1.0)
            for name, steps in self._stages[number + 1 :]
        ]
        return sum(steps for _, steps in self._stages[: number + 1]), sum(later)
