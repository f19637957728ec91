import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from s2f_cli.core import parallel
from s2f_cli.core.errors import ImageError
from s2f_cli.core.parallel import each


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


def process(_: int) -> int:
    return os.getpid()


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_order_and_failures_do_not_stop_them(count: int) -> None:
    found = list(each(double, range(40), count))
    assert [outcome.thing for outcome in found] == list(range(40))
    assert found[7].reason == "seven is bad (leave it out)"
    assert found[8].reason == "KeyError: 'dihedral'"
    assert [o.result for o in found if not o.reason] == [2 * n for n in range(40) if n not in (7, 8)]


def test_a_dead_process_costs_one_thing_only() -> None:
    found = list(each(die_at_20, range(40), 2))
    assert [outcome.thing for outcome in found if outcome.reason] == [20]
    assert "died" in found[20].reason
    assert [o.result for o in found if not o.reason] == [n for n in range(40) if n != 20]


def test_few_things_start_no_process() -> None:
    assert {outcome.result for outcome in each(process, range(parallel.FEW), 2)} == {os.getpid()}
    assert os.getpid() not in {outcome.result for outcome in each(process, range(parallel.FEW + 1), 2)}


def test_things_are_taken_only_as_fast_as_they_are_worked_on(tmp_path: Path) -> None:
    taken = 0

    def things() -> Iterator[int]:
        nonlocal taken
        while taken < 10_000:
            taken += 1
            yield taken

    outcomes = each(double, things(), 2)
    next(outcomes)
    assert taken < 100
    outcomes.close()
