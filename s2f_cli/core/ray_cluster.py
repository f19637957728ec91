"""The same work on a Ray cluster, by Ray Data; needs the extra `ray`.

Every node must see the same files under the same paths (a shared disk). The cluster is that of RAY_ADDRESS,
or the one that runs on this machine, or a new one with this machine's cores.
"""

import logging
import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from s2f_cli.core.requirements import require

Chunk = TypeVar("Chunk")
Done = TypeVar("Done")


def run(function: Callable[[Chunk], Done], chunks: Iterable[Chunk], workers: int = 0) -> Iterator[Done]:
    """`function` of every chunk, in order, on the cluster; `workers` at once, or as many as it has room for.

    Both are pickled. The chunks are listed before the first starts. Raises MissingPart when Ray is not
    installed, and what `function` raises.
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
            return {"done": pickle.dumps((function(pickle.loads(row["chunk"])), None))}
        except Exception as problem:
            return {"done": pickle.dumps((None, problem))}

    if not rows:
        return
    listed = data.from_items(rows, override_num_blocks=len(rows))
    for row in listed.map(work, concurrency=workers or None).iter_rows():
        done, problem = pickle.loads(row["done"])
        if problem is not None:
            raise problem
        yield done
