"""The parts of an evaluation on a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from s2f_cli.core import ray_cluster

if TYPE_CHECKING:
    from s2f_cli.core.shards import Shard
    from s2f_cli.evaluation.evaluator import Evaluation

    Compute = Callable[..., Evaluation]


def evaluate(compute: Compute, parts: Path | None, *, gpu: bool) -> Evaluation:
    """Score one shard for each core or GPU of the cluster, and merge the parts.

    `compute` is `evaluation.evaluate` without the arguments `parts` and `shard`. Parts are kept in the folder
    `parts`, else in a temporary one in the working directory, which all nodes see. Raises MissingPart if Ray
    is not installed, and the errors of `compute`.
    """
    with TemporaryDirectory(prefix=".s2f-parts-", dir=Path()) as folder:
        kept = parts or Path(folder)
        for _ in ray_cluster.run_shards(partial(_score, compute, kept), gpu=gpu):
            pass
        return compute(parts=kept)


def _score(compute: Compute, parts: Path, shard: Shard) -> None:
    compute(parts=parts, shard=shard)
