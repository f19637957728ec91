import os
from collections.abc import Iterator

import pytest

from s2f_cli.core import parallel
from s2f_cli.core.errors import ImageError
from s2f_cli.core.parallel import parallel_map


def double(number: int) -> int:
    if number == 7:
        raise ImageError("seven is bad", "leave it out")
    if number == 8:
        raise KeyError("eight")
    return 2 * number


def die_at_20(number: int) -> int:
    if number == 20:
        os._exit(9)
    return number


def process_id(_: int) -> int:
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_results_are_in_order_and_failures_do_not_stop_them(workers: int) -> None:
    outcomes = list(parallel_map(double, range(40), workers))
    assert [outcome.item for outcome in outcomes] == list(range(40))
    assert outcomes[7].reason == "seven is bad (leave it out)"
    assert outcomes[8].reason == "KeyError: 'eight'"
    assert [o.result for o in outcomes if not o.reason] == [2 * n for n in range(40) if n not in (7, 8)]


def test_a_dead_process_loses_only_its_item() -> None:
    outcomes = list(parallel_map(die_at_20, range(40), 2))
    assert [outcome.item for outcome in outcomes if outcome.reason] == [20]
    assert "died" in outcomes[20].reason
    assert [o.result for o in outcomes if not o.reason] == [n for n in range(40) if n != 20]


def test_few_items_start_no_process() -> None:
    few, more = range(parallel.FEW), range(parallel.FEW + 1)
    assert {outcome.result for outcome in parallel_map(process_id, few, 2)} == {os.getpid()}
    assert os.getpid() not in {outcome.result for outcome in parallel_map(process_id, more, 2)}


def test_items_are_taken_only_as_fast_as_they_are_processed() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while taken < 10_000:
            taken += 1
            yield taken

    outcomes = parallel_map(double, items(), 2)
    next(outcomes)
    assert taken < 100
    outcomes.close()
