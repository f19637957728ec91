"""A map on a Ray cluster (extra `ray`).

All nodes must see the same files under the same paths, on a shared disk. Connects to the cluster at
RAY_ADDRESS, else to one that runs on this machine, else starts one with the cores of this machine.
"""

import logging
import os
import pickle
import platform
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from s2f_cli.core.errors import S2FError, reason_of
from s2f_cli.core.requirements import require
from s2f_cli.core.shards import Shard

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")


def run(
    function: Callable[[Chunk], Result], chunks: Iterable[Chunk], workers: int = 0, *, gpu: bool = False
) -> Iterator[Result]:
    """Apply `function` to every chunk and yield the results in order.

    `workers` chunks run at once; 0 is as many as the cluster has room for. Each has a core, and with `gpu` a
    GPU if the cluster has any. They run in the working directory of this process. Function and chunks are
    pickled. A chunk whose node is lost runs again.

    Raises MissingPart if Ray is not installed, S2FError if a node lacks the working directory, and any
    exception of `function`.
    """
    ray, folder = _connected(), Path.cwd()

    def work(pickled: bytes) -> tuple[Any, Exception | None]:
        try:
            _enter(folder)
            return function(pickle.loads(pickled)), None
        except Exception as problem:
            return None, problem

    def result(task: Any) -> Result:
        value, problem = ray.get(task)
        if problem is not None:
            raise problem
        return value

    task = ray.remote(num_cpus=1, num_gpus=int(gpu and _has_gpus(ray)), max_retries=3)(work)
    ahead: deque[Any] = deque()
    running: list[Any] = []
    for chunk in chunks:
        if workers and len(running) >= workers:
            _, running = ray.wait(running)
            while ahead and ahead[0] not in running:
                yield result(ahead.popleft())
        ahead.append(task.remote(pickle.dumps(chunk)))
        running.append(ahead[-1])
    while ahead:
        yield result(ahead.popleft())


def run_shards(function: Callable[[Shard], Result], *, gpu: bool = False) -> Iterator[Result]:
    """Apply `function` to as many shards as the cluster has cores; yields the results in order.

    With `gpu`, as many as it has GPUs, if any. Raises as `run`.
    """
    ray = _connected()
    count = int(ray.cluster_resources().get("GPU" if gpu and _has_gpus(ray) else "CPU", 1)) or 1
    yield from run(function, [Shard(index, count) for index in range(count)], gpu=gpu)


def _enter(folder: Path) -> None:
    """Make the folder the working directory of this task."""
    try:
        os.chdir(folder)
    except OSError as problem:
        raise S2FError(
            f"{folder} cannot be opened on the node {platform.node()} of Ray: {reason_of(problem)}",
            "work in a folder of a disk that all nodes share",
        ) from None


def _connected() -> Any:
    """The package ray, connected to a cluster."""
    ray = require("ray", "ray")
    if not ray.is_initialized():
        ray.init(logging_level=logging.ERROR, log_to_driver=False, include_dashboard=False)
    return ray


def _has_gpus(ray: Any) -> bool:
    return ray.cluster_resources().get("GPU", 0) >= 1
