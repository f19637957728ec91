"""Loaded, made and stored in order, whatever fails on the way."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from s2f_cli.core.errors import S2FError
from s2f_cli.core.prefetch import pipelined_map


@hypothesis_settings(max_examples=25, deadline=None)
@given(weights=st.lists(st.integers(1, 9), max_size=20), room=st.integers(1, 12))
def test_everything_in_order_and_no_batch_too_heavy(weights: list[int], room: int) -> None:
    batches = []

    def make(loaded: list[int]) -> list[int]:
        batches.append(list(loaded))
        return [value * 10 for value in loaded]

    done = list(
        pipelined_map(weights, lambda w: w, lambda w: w, room, make, lambda thing, one, made: made + 1)
    )
    assert [one.stored for one in done] == [weight * 10 + 1 for weight in weights]
    assert [weight for batch in batches for weight in batch] == weights
    assert all(sum(batch) <= room or len(batch) == 1 for batch in batches)


def test_what_fails_is_told_and_the_rest_goes_on() -> None:
    def load(number: int) -> int:
        if number == 2:
            raise S2FError("cannot load it")
        return number

    def store(thing: int, one: int, made: int) -> int:
        if number_of_store_fails(thing):
            raise S2FError("cannot store it")
        return made

    def number_of_store_fails(thing: int) -> bool:
        return thing == 4

    done = list(pipelined_map(range(6), load, lambda _: 1, 3, lambda ones: ones, store))
    assert [one.stored for one in done] == [0, 1, None, 3, None, 5]
    assert [str(one.problem) for one in done if one.problem] == ["cannot load it", "cannot store it"]
    assert all(one.seconds >= 0 for one in done)


def test_a_fault_ends_it() -> None:
    def load(number: int) -> int:
        return 1 // number

    with pytest.raises(ZeroDivisionError):
        list(pipelined_map([1, 0, 1], load, lambda _: 1, 1, lambda ones: ones, lambda *_: None))


def test_the_three_go_on_at_the_same_time() -> None:
    """While one is made, another is loaded and a third is stored: each waits for the other two."""
    together = threading.Barrier(3, timeout=20)
    used = []

    def meet(name: str, number: int) -> None:
        if {"load": number == 2, "make": number == 1, "store": number == 0}[name]:
            together.wait()
            used.append(name)

    def load(number: int) -> int:
        meet("load", number)
        return number

    def make(ones: list[int]) -> list[int]:
        meet("make", ones[0])
        return ones

    list(pipelined_map(range(3), load, lambda _: 1, 1, make, lambda thing, one, made: meet("store", thing)))
    assert sorted(used) == ["load", "make", "store"]


def test_stopped_early_it_leaves_no_thread() -> None:
    before = threading.active_count()
    running = pipelined_map(
        range(100), lambda n: time.sleep(0.001), lambda _: 1, 1, lambda ones: ones, lambda *_: None
    )
    next(running)
    running.close()
    assert threading.active_count() == before
