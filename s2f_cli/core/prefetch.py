"""A pipelined map: loads ahead, processes in batches, stores behind.

Threads load and store files while the caller's thread computes; Pillow and torch release the global
interpreter lock.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from s2f_cli.core.errors import S2FError

Item = TypeVar("Item")
Loaded = TypeVar("Loaded")
Output = TypeVar("Output")
Value = TypeVar("Value")

_THREADS = 2
_AHEAD = 4
"""Items loaded before they are needed, and results waiting to be stored."""


@dataclass(frozen=True)
class Success(Generic[Item, Value]):
    """An item that was loaded, processed and stored."""

    item: Item
    value: Value
    """The return value of `store`."""
    seconds: float
    """Time to load it, its share of the batch by weight, and time to store it."""


@dataclass(frozen=True)
class Failure(Generic[Item]):
    """An item that could not be loaded or stored."""

    item: Item
    error: S2FError
    seconds: float


ItemOutcome = Success[Item, Value] | Failure[Item]
"""The result of `pipelined_map` for one item."""


def pipelined_map(
    items: Iterable[Item],
    *,
    load: Callable[[Item], Loaded],
    weigh: Callable[[Loaded], int],
    budget: int,
    process: Callable[[list[Loaded]], Sequence[Output]],
    store: Callable[[Item, Output], Value],
) -> Iterator[ItemOutcome[Item, Value]]:
    """Load each item, process items in batches, store each output; yield the outcomes in the items' order.

    A batch holds as many items as fit into `budget` by weight, but at least one. `load` and `store` run in
    threads, `process` in the caller's. If loading or storing an item raises S2FError, its outcome is a
    Failure and the other items are not affected; any other exception ends the iteration.
    """
    loading = ThreadPoolExecutor(_THREADS, thread_name_prefix="s2f-load")
    storing = ThreadPoolExecutor(_THREADS, thread_name_prefix="s2f-store")
    pending: deque[ItemOutcome[Item, Future[tuple[Value, float]]]] = deque()
    try:
        for batch in _batches(_load_ahead(items, load, loading), weigh, budget):
            loaded = [entry for entry in batch if not isinstance(entry, Failure)]
            start = time.perf_counter()
            outputs = iter(process([entry.value for entry in loaded]) if loaded else ())
            seconds = (time.perf_counter() - start) / max(sum(entry.weight for entry in loaded), 1)
            for entry in batch:
                if isinstance(entry, Failure):
                    pending.append(entry)
                else:
                    stored = storing.submit(_timed, store, entry.item, next(outputs))
                    pending.append(Success(entry.item, stored, entry.seconds + seconds * entry.weight))
            while len(pending) > _AHEAD:
                yield _finished(pending.popleft())
        while pending:
            yield _finished(pending.popleft())
    finally:
        loading.shutdown(cancel_futures=True)
        storing.shutdown(cancel_futures=True)


def map_ahead(items: Iterable[Item], function: Callable[[Item], Value]) -> Iterator[ItemOutcome[Item, Value]]:
    """Yield the outcome of a function of each item, in order; the next few are computed in threads.

    If the function raises S2FError, the outcome is a Failure; any other exception ends the iteration.
    """
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="s2f-map")
    try:
        yield from _load_ahead(items, function, pool)
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Loaded(Generic[Item, Loaded]):
    item: Item
    value: Loaded
    seconds: float
    weight: int


def _load_ahead(
    items: Iterable[Item], load: Callable[[Item], Loaded], pool: ThreadPoolExecutor
) -> Iterator[ItemOutcome[Item, Loaded]]:
    """Yield each item loaded, in order, while the next few are being loaded."""
    waiting: deque[tuple[Item, Future[tuple[Loaded, float]]]] = deque()
    for item in items:
        waiting.append((item, pool.submit(_timed, load, item)))
        if len(waiting) > _AHEAD:
            yield _outcome(*waiting.popleft())
    while waiting:
        yield _outcome(*waiting.popleft())


def _batches(
    items: Iterable[ItemOutcome[Item, Loaded]], weigh: Callable[[Loaded], int], budget: int
) -> Iterator[list[_Loaded[Item, Loaded] | Failure[Item]]]:
    """Group items up to the budget; failures weigh nothing."""
    batch: list[_Loaded[Item, Loaded] | Failure[Item]] = []
    total = 0
    for item in items:
        entry: _Loaded[Item, Loaded] | Failure[Item]
        if isinstance(item, Failure):
            entry, weight = item, 0
        else:
            weight = weigh(item.value)
            entry = _Loaded(item.item, item.value, item.seconds, weight)
        if batch and total + weight > budget:
            yield batch
            batch, total = [], 0
        batch.append(entry)
        total += weight
        if total >= budget:  # without waiting for the next item to load
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def _timed(function: Callable[..., Value], *arguments: object) -> tuple[Value, float]:
    start = time.perf_counter()
    return function(*arguments), time.perf_counter() - start


def _outcome(
    item: Item, future: Future[tuple[Value, float]], seconds: float = 0.0
) -> ItemOutcome[Item, Value]:
    """The outcome of a future, with its own seconds and those spent before."""
    try:
        value, more = future.result()
    except S2FError as error:
        return Failure(item, error, seconds)
    return Success(item, value, seconds + more)


def _finished(pending: ItemOutcome[Item, Future[tuple[Value, float]]]) -> ItemOutcome[Item, Value]:
    if isinstance(pending, Failure):
        return pending
    return _outcome(pending.item, pending.value, pending.seconds)
