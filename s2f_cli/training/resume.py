"""Whether a training may go on with other lengths of its stages than it was started with."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from s2f_cli.core.errors import RunError
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.training.build import build_schedules


def check_lengths(recipe: Recipe, stage: int, step: int, was: Sequence[int], now: Sequence[int]) -> None:
    """Raise RunError when `step` steps, the last in a stage, would have been others with the lengths of now.

    They would where that step lies in another stage now, or where a schedule of learning rates would have
    been another one up to there.
    """
    ends = list(accumulate(now))
    if step and stage != min(bisect_left(ends, step), len(ends) - 1):
        raise RunError(
            f"step {step} of the saved state is in the stage {recipe.stages[stage].name!r}, whose length has "
            "changed",
            "resume without --steps and --epochs",
        )
    before = 0
    for table, old, new in zip(recipe.stages, was, now, strict=True):
        done = range(min(max(step - before, 0), old))
        for player, factor in build_schedules(table).items() if old != new else ():
            if any(factor(each / old) != factor(each / new) for each in done):
                raise RunError(
                    f"the learning rates of {player} so far were those of {old} steps, not of {new}: going "
                    "on would not be the same run",
                    "resume without --steps and --epochs, or start a new run of that length",
                )
        before += new
