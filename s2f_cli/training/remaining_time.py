"""The time that a training has left."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from statistics import median

from s2f_cli.training.loop import StepResult

_WINDOW = 50
"""Number of latest steps that an estimate is based on."""


class RemainingTime:
    """Estimates how long a training lasts from the median of its latest steps.

    In the first epoch of a stage, steps wait while images are decoded; later these are in memory, as far as
    they fit. So waiting counts for the rest of that epoch, and then as far as it is observed. Work between
    the steps (samples, scores, saves) is spread evenly over all steps. Later stages are taken to be as fast
    as the current one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
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
        left = result.total - result.step
        loading = left if self._stage_steps > result.epoch_steps else result.epoch_steps - self._stage_steps
        loading = min(loading, left)
        return loading * whole + (left - loading) * later + left * self._between / self._steps
