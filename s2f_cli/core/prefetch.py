"""Many things loaded, worked on together and stored: the three go on at the same time, in the things' order.

Files are read ahead and written behind by threads, which Pillow and torch let run beside each other.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from s2f_cli.core.errors import S2FError

Thing = TypeVar("Thing")
Loaded = TypeVar("Loaded")
Made = TypeVar("Made")
Stored = TypeVar("Stored")

_THREADS = 2
_AHEAD = 4
"""So many things are loaded before they are needed, and as many results wait to be stored."""


@dataclass(frozen=True)
class Delivered(Generic[Thing, Stored]):
    """What became of one thing: what storing it gave, or the failure that kept it from that."""

    thing: Thing
    stored: Stored | None
    problem: S2FError | None
    seconds: float
    """Its own: loading, its share of the work by weight, storing."""


def pipelined_map(
    things: Iterable[Thing],
    load: Callable[[Thing], Loaded],
    weigh: Callable[[Loaded], int],
    room: int,
    make: Callable[[list[Loaded]], Sequence[Made]],
    store: Callable[[Thing, Loaded, Made], Stored],
) -> Iterator[Delivered[Thing, Stored]]:
    """Load each thing, make something of as many at once as have `room` by weight, store what was made.

    `load` and `store` run in threads, `make` in the caller's. A thing whose loading or storing raises
    S2FError is passed on as failed, and the others go on; any other exception ends it all.
    """
    loading = ThreadPoolExecutor(_THREADS, thread_name_prefix="s2f-load")
    storing = ThreadPoolExecutor(_THREADS, thread_name_prefix="s2f-store")
    behind: deque[tuple[Thing, Future[tuple[Stored, float]], float]] = deque()
    try:
        for batch in _batches(_ahead(things, load, loading), weigh, room):
            ready = [one for one in batch if not isinstance(one.result, S2FError)]
            start = time.perf_counter()
            made = iter(make([one.result for one in ready]) if ready else [])  # type: ignore[misc]
            spent = (time.perf_counter() - start) / max(sum(one.weight for one in ready), 1)
            for one in batch:
                own = one.seconds + spent * one.weight
                if isinstance(one.result, S2FError):
                    failed: Future[tuple[Stored, float]] = Future()
                    failed.set_exception(one.result)
                    behind.append((one.thing, failed, own))
                else:
                    future = storing.submit(_timed, store, one.thing, one.result, next(made))
                    behind.append((one.thing, future, own))
            while len(behind) > _AHEAD:
                yield _delivered(*behind.popleft())
        while behind:
            yield _delivered(*behind.popleft())
    finally:
        loading.shutdown(cancel_futures=True)
        storing.shutdown(cancel_futures=True)


@dataclass
class _One(Generic[Thing, Loaded]):
    thing: Thing
    result: Loaded | S2FError
    seconds: float
    weight: int = 0


def _ahead(
    things: Iterable[Thing], load: Callable[[Thing], Loaded], pool: ThreadPoolExecutor
) -> Iterator[_One[Thing, Loaded]]:
    """Each thing loaded, in order, with a few more underway."""
    waiting: deque[tuple[Thing, Future[tuple[Loaded, float]]]] = deque()

    def next_one() -> _One[Thing, Loaded]:
        thing, future = waiting.popleft()
        try:
            return _One(thing, *future.result())
        except S2FError as problem:
            return _One(thing, problem, 0.0)

    for thing in things:
        waiting.append((thing, pool.submit(_timed, load, thing)))
        if len(waiting) > _AHEAD:
            yield next_one()
    while waiting:
        yield next_one()


def _batches(
    ones: Iterable[_One[Thing, Loaded]], weigh: Callable[[Loaded], int], room: int
) -> Iterator[list[_One[Thing, Loaded]]]:
    """As many as have room together; one alone may be heavier."""
    batch: list[_One[Thing, Loaded]] = []
    for one in ones:
        one.weight = 0 if isinstance(one.result, S2FError) else weigh(one.result)
        if batch and sum(other.weight for other in batch) + one.weight > room:
            yield batch
            batch = []
        batch.append(one)
        if sum(other.weight for other in batch) >= room:  # without waiting for the next to be loaded
            yield batch
            batch = []
    if batch:
        yield batch


def _timed(work: Callable[..., Stored], *given: object) -> tuple[Stored, float]:
    start = time.perf_counter()
    return work(*given), time.perf_counter() - start


def _delivered(
    thing: Thing, future: Future[tuple[Stored, float]], seconds: float
) -> Delivered[Thing, Stored]:
    try:
        stored, more = future.result()
        return Delivered(thing, stored, None, seconds + more)
    except S2FError as problem:
        return Delivered(thing, None, problem, seconds)
