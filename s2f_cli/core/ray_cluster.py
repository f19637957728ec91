"""A map on a Ray cluster, with Ray Data (extra `ray`).

All nodes must see the same files under the same paths, on a shared disk. Connects to the cluster at
RAY_ADDRESS, else to one that runs on this machine, else starts one with the cores of this machine.
"""

import logging
import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from s2f_cli.core.requirements import require

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")


def run(function: Callable[[Chunk], Result], chunks: Iterable[Chunk], workers: int = 0) -> Iterator[Result]:
    """Apply `function` to every chunk and yield the results in order.

    `workers` chunks run at once; 0 is as many as the cluster has room for. Function and chunks are pickled,
    all of them before the first one starts.

    Raises MissingPart if Ray is not installed, and any exception of `function`.
    """
    ray, data = require("ray", "ray"), require("ray.data", "ray")
    if not ray.is_initialized():
        ray.init(logging_level=logging.ERROR, log_to_driver=False, include_dashboard=False)
    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    context.op_resource_reservation_enabled = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    rows = [{"chunk": pickle.dumps(chunk)} for chunk in chunks]

    def work(row: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"outcome": pickle.dumps((function(pickle.loads(row["chunk"])), None))}
        except Exception as problem:
            return {"outcome": pickle.dumps((None, problem))}

    if not rows:
        return
    blocks = data.from_items(rows, override_num_blocks=len(rows))
    for row in blocks.map(work, concurrency=workers or None).iter_rows():
        result, problem = pickle.loads(row["outcome"])
        if problem is not None:
            raise problem
        yield result
