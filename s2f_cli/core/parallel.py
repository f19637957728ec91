"""One function over many things, on every core, in their order, without holding them all in memory."""

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

Thing = TypeVar("Thing")
Result = TypeVar("Result")

Results = list[tuple[Result | None, str]]
"""A result for each thing, or nothing and the reason why there is none."""

Engine = Literal["local", "ray"]
"""Where the processes run: on this machine, or on a Ray cluster."""

FEW = 16
"""So few things are not worth starting processes for."""
_SECONDS = 0.1
"""So much work travels to a process together, as long as it is not more than MOST things."""
_MOST = 64
_RAY_CHUNK = 8


class Stop(S2FError):
    """A failure of one thing that would be a failure of all others too, such as a full disk."""


@dataclass(frozen=True)
class Outcome(Generic[Thing, Result]):
    """What became of one thing: a result, or the reason why there is none."""

    thing: Thing
    result: Result | None
    reason: str = ""


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each(
    function: Callable[[Thing], Result],
    things: Iterable[Thing],
    workers: int = 0,
    engine: Engine = "local",
) -> Generator[Outcome[Thing, Result], None, None]:
    """`function` of each thing, in their order; a thing that fails does not stop the others, unless with
    Stop.

    `workers` is the number of processes, 0 for all cores. Things are taken from their iterator only as
    fast as they are worked on. `function` and things must be picklable. A thing whose process dies (out of
    memory, a fault in a library) is tried once more alone before it is given up.

    Raises Stop when `function` does.
    """
    if engine == "ray":
        yield from _on_ray(function, iter(things), workers)
        return
    workers = workers or cores()
    stream = iter(things)
    few = list(islice(stream, FEW + 1))
    if workers == 1 or len(few) <= FEW:
        for thing in chain(few, stream):
            yield Outcome(thing, *_try(function, thing))
        return
    stream = chain(few, stream)
    ahead: deque[_Sent[Thing, Result]] = deque()
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
    function: Callable[[Thing], Result], stream: Iterator[Thing], workers: int
) -> Iterator[Outcome[Thing, Result]]:
    from s2f_cli.core import ray_cluster

    chunks = list(iter(lambda: list(islice(stream, _RAY_CHUNK)), []))
    found = ray_cluster.run(partial(_try_all, function), chunks, workers)
    for chunk, (results, _) in zip(chunks, found, strict=True):
        yield from _outcomes(chunk, results)


def _outcomes(chunk: list[Thing], results: Results[Result]) -> list[Outcome[Thing, Result]]:
    return [Outcome(thing, *result) for thing, result in zip(chunk, results, strict=True)]


def _try(function: Callable[[Thing], Result], thing: Thing) -> tuple[Result | None, str]:
    """The result of a thing, or the reason why there is none."""
    try:
        return function(thing), ""
    except Stop:
        raise
    except S2FError as problem:
        return None, problem.line
    except Exception as problem:
        return None, f"{type(problem).__name__}: {problem}"


def _try_all(function: Callable[[Thing], Result], chunk: list[Thing]) -> tuple[Results[Result], float]:
    """The results of a chunk, without the things, and the seconds that they took."""
    start = time.perf_counter()
    return [_try(function, thing) for thing in chunk], time.perf_counter() - start


@dataclass(frozen=True)
class _Sent(Generic[Thing, Result]):
    """A chunk that a process works on, or will."""

    chunk: list[Thing]
    future: "Future[tuple[Results[Result], float]]"


class _Pool:
    """A pool of processes that is made anew when one of them dies."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = _start(workers)

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(
        self, function: Callable[[Thing], Result], chunk: list[Thing]
    ) -> Future[tuple[Results[Result], float]]:
        """The results of a chunk, and their seconds; broken when a process died before it was taken."""
        try:
            return self._pool.submit(_try_all, function, chunk)
        except BrokenProcessPool as problem:
            broken: Future[tuple[Results[Result], float]] = Future()
            broken.set_exception(problem)
            return broken

    def outcomes(
        self, function: Callable[[Thing], Result], ahead: deque[_Sent[Thing, Result]]
    ) -> tuple[list[Outcome[Thing, Result]], float]:
        """The outcomes of the first chunk and its seconds; when a process died, of its things one by one."""
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


def _one_by_one(function: Callable[[Thing], Result], chunk: list[Thing]) -> Results[Result]:
    results, pool = Results[Result](), _start(1)
    for thing in chunk:
        try:
            results.append(pool.submit(_try, function, thing).result())
        except BrokenProcessPool:
            reason = "the process that worked on it died: out of memory, or a fault in a library"
            results.append((None, reason))
            pool.shutdown()
            pool = _start(1)
    pool.shutdown()
    return results


def _start(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """In a new process: leave Ctrl-C to the parent, and end when the parent has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
