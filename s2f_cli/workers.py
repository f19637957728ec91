"""One function over many things, on every core, in their order, without holding them all in memory."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Generic, Literal, TypeVar

from s2f_cli.errors import S2FError

Thing = TypeVar("Thing")
Result = TypeVar("Result")

Engine = Literal["local", "ray"]
"""Where the processes run: on this machine, or on a Ray cluster."""

CHUNK = 8
"""So many things travel to a process together."""
FEW = 16
"""So few things are not worth starting processes for."""


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
) -> Iterator[Outcome[Thing, Result]]:
    """`function` of each thing, in their order; a thing that fails does not stop the others, unless with
    Stop.

    `workers` is the number of processes, 0 for all cores. Things are taken from their iterator only as
    fast as they are worked on. `function` and things must be picklable. A thing whose process dies (out of
    memory, a fault in a library) is tried once more alone before it is given up.

    Raises Stop when `function` does.
    """
    if engine == "ray":
        from s2f_cli import ray_engine

        for outcomes in ray_engine.run(partial(_try_all, function), _chunks(iter(things)), workers):
            yield from outcomes
        return
    workers = workers or cores()
    stream = iter(things)
    few = list(islice(stream, FEW + 1))
    if workers == 1 or len(few) <= FEW:
        for thing in chain(few, stream):
            yield _try(function, thing)
        return
    chunks = _chunks(chain(few, stream))
    with _Pool(workers) as pool:
        ahead: deque[tuple[list[Thing], Future[list[Outcome[Thing, Result]]]]] = deque()
        for chunk in chunks:
            ahead.append((chunk, pool.submit(function, chunk)))
            if len(ahead) > 3 * workers:
                yield from pool.outcomes(function, ahead)
        while ahead:
            yield from pool.outcomes(function, ahead)


def _chunks(things: Iterator[Thing]) -> Iterator[list[Thing]]:
    while chunk := list(islice(things, CHUNK)):
        yield chunk


def _try(function: Callable[[Thing], Result], thing: Thing) -> Outcome[Thing, Result]:
    try:
        return Outcome(thing, function(thing))
    except Stop:
        raise
    except S2FError as problem:
        return Outcome(thing, None, problem.line)
    except Exception as problem:
        return Outcome(thing, None, f"{type(problem).__name__}: {problem}")


def _try_all(function: Callable[[Thing], Result], chunk: list[Thing]) -> list[Outcome[Thing, Result]]:
    return [_try(function, thing) for thing in chunk]


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
    ) -> Future[list[Outcome[Thing, Result]]]:
        return self._pool.submit(_try_all, function, chunk)

    def outcomes(
        self,
        function: Callable[[Thing], Result],
        ahead: deque[tuple[list[Thing], Future[list[Outcome[Thing, Result]]]]],
    ) -> list[Outcome[Thing, Result]]:
        """The outcomes of the first chunk; when a process died, of its things tried one by one."""
        chunk, future = ahead.popleft()
        try:
            return future.result()
        except BrokenProcessPool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            one_by_one = _one_by_one(function, chunk)
            self._pool = _start(self._workers)
            for position, (waiting, _) in enumerate(ahead):
                ahead[position] = waiting, self.submit(function, waiting)
            return one_by_one


def _one_by_one(function: Callable[[Thing], Result], chunk: list[Thing]) -> list[Outcome[Thing, Result]]:
    outcomes, pool = list[Outcome[Thing, Result]](), _start(1)
    for thing in chunk:
        try:
            outcomes.append(pool.submit(_try, function, thing).result())
        except BrokenProcessPool:
            reason = "the process that worked on it died: out of memory, or a fault in a library"
            outcomes.append(Outcome(thing, None, reason))
            pool.shutdown()
            pool = _start(1)
    pool.shutdown()
    return outcomes


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
