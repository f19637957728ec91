"""Condition vectors with which exported files are compared and calibrated."""

from collections.abc import Iterator

import numpy as np

from s2f_cli.export.contract import Array
from s2f_cli.models.colours import from_numbers
from s2f_cli.models.recipes.conditions import Conditions


class ConditionVectors:
    """An endless series of vectors: the defaults first, then each label in turn with random colours."""

    def __init__(self, conditions: Conditions) -> None:
        self._width = conditions.width
        self._series = _series(conditions)

    def beside(self, batch: Array) -> tuple[Array, ...]:
        """The inputs for a batch (N, C, H, W): with the next N vectors (N, K) if there are conditions."""
        if not self._width:
            return (batch,)
        return batch, np.array([next(self._series) for _ in batch], np.float32)


def _series(conditions: Conditions) -> Iterator[list[float]]:
    yield conditions.vector()
    generator = np.random.default_rng(0)
    number = 0
    while True:
        labels = {name: list(label.labels) for name, label in conditions.labels.items()}
        values = {name: known[number % len(known)] for name, known in labels.items()}
        values |= {name: from_numbers(generator.uniform(-1, 1, 3).tolist()) for name in conditions.colours}
        yield conditions.vector(values)
        number += 1
