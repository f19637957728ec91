"""A parallel map over many items: on all cores, in order, in constant memory."""

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Generic, Literal, TypeVar

from s2f_cli.core.errors import S2FError

Item = TypeVar("Item")
Result = TypeVar("Result")

Results = list[tuple[Result | None, str]]
"""For each item, its result and an empty string, or None and the reason for the failure."""

Engine = Literal["local", "ray"]
"""Where the processes run: on this machine or on a Ray cluster."""

FEW = 16
"""Up to this many items are processed in the calling process."""
_SECONDS = 0.1
"""Target duration of a chunk of items sent to a process; a chunk has at most `_MOST` items."""
_MOST = 64
_RAY_CHUNK = 8


class Stop(S2FError):
    """A failure that would hit every other item too, such as a full disk."""


@dataclass(frozen=True)
class Outcome(Generic[Item, Result]):
    """The outcome of one item: its result, or the reason for its failure."""

    item: Item
    result: Result | None
    reason: str = ""


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def parallel_map(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int = 0,
    engine: Engine = "local",
) -> Generator[Outcome[Item, Result], None, None]:
    """Apply `function` to every item and yield the outcomes in order; a failed item does not stop the others.

    `workers` is the number of processes, 0 for one per core. Items are taken from their iterator only as fast
    as they are processed, except by the engine `ray`, which lists them first. `function` and items must be
    picklable. An item whose process dies (out of memory, a crash in a library) is tried once more, alone.

    Raises Stop if `function` does.
    """
    if engine == "ray":
        yield from _on_ray(function, iter(items), workers)
        return
    workers = workers or cores()
    stream = iter(items)
    few = list(islice(stream, FEW + 1))
    if workers == 1 or len(few) <= FEW:
        for item in chain(few, stream):
            yield Outcome(item, *_try(function, item))
        return
    stream = chain(few, stream)
    ahead: deque[_Sent[Item, Result]] = deque()
    size = 1
    with _Pool(workers) as pool:
        while True:
            while len(ahead) <= 3 * workers and (chunk := list(islice(stream, size))):
                ahead.append(_Sent(chunk, pool.submit(function, chunk)))
            if not ahead:
                return
            outcomes, seconds = pool.outcomes(function, ahead)
            size = min(max(int(_SECONDS / max(seconds / len(outcomes), 1e-6)), 1), _MOST)
            yield from outcomes


def _on_ray(
    function: Callable[[Item], Result], stream: Iterator[Item], workers: int
) -> Iterator[Outcome[Item, Result]]:
    from s2f_cli.core import ray_cluster

    chunks = list(iter(lambda: list(islice(stream, _RAY_CHUNK)), []))
    done = ray_cluster.run(partial(_try_all, function), chunks, workers)
    for chunk, (results, _) in zip(chunks, done, strict=True):
        yield from _outcomes(chunk, results)


def _outcomes(chunk: list[Item], results: Results[Result]) -> list[Outcome[Item, Result]]:
    return [Outcome(item, *result) for item, result in zip(chunk, results, strict=True)]


def _try(function: Callable[[Item], Result], item: Item) -> tuple[Result | None, str]:
    """The result of an item, or the reason for its failure."""
    try:
        return function(item), ""
    except Stop:
        raise
    except S2FError as problem:
        return None, problem.line
    except Exception as problem:
        return None, f"{type(problem).__name__}: {problem}"


def _try_all(function: Callable[[Item], Result], chunk: list[Item]) -> tuple[Results[Result], float]:
    """The results of a chunk, and the seconds it took."""
    start = time.perf_counter()
    return [_try(function, item) for item in chunk], time.perf_counter() - start


@dataclass(frozen=True)
class _Sent(Generic[Item, Result]):
    """A chunk that was sent to a process."""

    chunk: list[Item]
    future: "Future[tuple[Results[Result], float]]"


class _Pool:
    """A pool of processes that is replaced when one of them dies."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = _start(workers)

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(
        self, function: Callable[[Item], Result], chunk: list[Item]
    ) -> Future[tuple[Results[Result], float]]:
        """Send a chunk; the future is broken if a process died before it was sent."""
        try:
            return self._pool.submit(_try_all, function, chunk)
        except BrokenProcessPool as problem:
            broken: Future[tuple[Results[Result], float]] = Future()
            broken.set_exception(problem)
            return broken

    def outcomes(
        self, function: Callable[[Item], Result], ahead: deque[_Sent[Item, Result]]
    ) -> tuple[list[Outcome[Item, Result]], float]:
        """Wait for the first chunk; returns its outcomes and the seconds it took.

        If a process died, its items are processed again one by one, and the other chunks are sent again.
        """
        sent = ahead.popleft()
        try:
            results, seconds = sent.future.result()
        except BrokenProcessPool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            start = time.perf_counter()
            results = _one_by_one(function, sent.chunk)
            seconds = time.perf_counter() - start
            self._pool = _start(self._workers)
            for position, waiting in enumerate(ahead):
                ahead[position] = _Sent(waiting.chunk, self.submit(function, waiting.chunk))
        return _outcomes(sent.chunk, results), seconds


def _one_by_one(function: Callable[[Item], Result], chunk: list[Item]) -> Results[Result]:
    results, pool = Results[Result](), _start(1)
    for item in chunk:
        try:
            results.append(pool.submit(_try, function, item).result())
        except BrokenProcessPool:
            reason = "the process that worked on it died: out of memory, or a crash in a library"
            results.append((None, reason))
            pool.shutdown()
            pool = _start(1)
    pool.shutdown()
    return results


def _start(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Set up a new process: it ignores SIGINT and SIGHUP, which the parent handles, and ends with it."""
    for name in ("SIGINT", "SIGHUP"):
        if number := getattr(signal, name, None):  # Windows has no SIGHUP
            signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
