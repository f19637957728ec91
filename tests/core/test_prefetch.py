"""`pipelined_map`: order, batches, failures and threads."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from s2f_cli.core.errors import S2FError
from s2f_cli.core.prefetch import Failure, Success, pipelined_map


@hypothesis_settings(max_examples=25, deadline=None)
@given(weights=st.lists(st.integers(1, 9), max_size=20), budget=st.integers(1, 12))
def test_order_is_kept_and_no_batch_exceeds_the_budget(weights: list[int], budget: int) -> None:
    batches = []

    def process(loaded: list[int]) -> list[int]:
        batches.append(list(loaded))
        return [value * 10 for value in loaded]

    outcomes = pipelined_map(
        weights,
        load=lambda weight: weight,
        weigh=lambda weight: weight,
        budget=budget,
        process=process,
        store=lambda item, output: output + 1,
    )
    values = [outcome.value for outcome in outcomes if isinstance(outcome, Success)]
    assert values == [weight * 10 + 1 for weight in weights]
    assert [weight for batch in batches for weight in batch] == weights
    assert all(sum(batch) <= budget or len(batch) == 1 for batch in batches)


def run(items, **changes):
    """`pipelined_map` over items of weight 1 that are passed through."""
    steps = {
        "load": lambda item: item,
        "weigh": lambda loaded: 1,
        "budget": 1,
        "process": lambda batch: batch,
        "store": lambda item, output: output,
    }
    return pipelined_map(items, **steps | changes)


def test_failures_do_not_affect_the_other_items() -> None:
    def load(number: int) -> int:
        if number == 2:
            raise S2FError("cannot load it")
        return number

    def store(item: int, output: int) -> int:
        if item == 4:
            raise S2FError("cannot store it")
        return output

    outcomes = list(run(range(6), load=load, store=store, budget=3))
    assert [outcome.item for outcome in outcomes] == list(range(6))
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Success)] == [0, 1, 3, 5]
    errors = {outcome.item: outcome.error.message for outcome in outcomes if isinstance(outcome, Failure)}
    assert errors == {2: "cannot load it", 4: "cannot store it"}
    assert all(outcome.seconds >= 0 for outcome in outcomes)


def test_any_other_exception_ends_the_iteration() -> None:
    with pytest.raises(ZeroDivisionError):
        list(run([1, 0, 1], load=lambda number: 1 // number))


def test_loading_processing_and_storing_overlap() -> None:
    """One item is loaded, one processed and one stored at once: each waits for the other two."""
    barrier = threading.Barrier(3, timeout=20)
    met = []

    def meet(name: str, number: int) -> None:
        if {"load": number == 2, "process": number == 1, "store": number == 0}[name]:
            barrier.wait()
            met.append(name)

    def load(number: int) -> int:
        meet("load", number)
        return number

    def process(batch: list[int]) -> list[int]:
        meet("process", batch[0])
        return batch

    list(run(range(3), load=load, process=process, store=lambda item, output: meet("store", item)))
    assert sorted(met) == ["load", "process", "store"]


def test_closing_the_iterator_early_leaves_no_thread() -> None:
    before = threading.active_count()
    running = run(range(100), load=lambda item: time.sleep(0.001))
    next(running)
    running.close()
    assert threading.active_count() == before
