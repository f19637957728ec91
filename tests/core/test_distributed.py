"""The collectives of a single process; tests/training/test_several_processes.py tests several."""

import pytest
import torch

from s2f_cli.core import distributed
from s2f_cli.core.errors import RunError


def test_collectives_of_one_process_change_nothing() -> None:
    rows = torch.arange(6.0).view(3, 2)
    original = rows.clone()
    with distributed.joined(torch.device("cpu")) as device:
        assert device.type == "cpu"
        assert distributed.rank() == 0
        assert distributed.world_size() == distributed.launched_world_size() == 1
        distributed.all_reduce_mean(rows)
        distributed.broadcast([rows])
        assert torch.equal(rows, original)
        assert torch.equal(distributed.own_rows(distributed.all_gather(rows)), original)
        assert distributed.any_process(True, device) and not distributed.any_process(False, device)


def test_each_accumulation_step_sees_consecutive_rows_over_all_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distributed, "world_size", lambda: 2)
    rows_by_rank = []
    for rank in (0, 1):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        rows_by_rank.append(distributed.rows_of(8, accumulation_steps=2))
    assert rows_by_rank == [[0, 1, 4, 5], [2, 3, 6, 7]]


def test_a_batch_that_cannot_be_divided_evenly_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "world_size", lambda: 2)
    with pytest.raises(RunError, match="a batch of 3 cannot be split evenly over 2 processes") as raised:
        distributed.rows_of(3)
    assert "batch_size=2" in raised.value.hint


def test_a_lost_connection_is_an_error_with_a_hint() -> None:
    with (
        pytest.raises(
            RunError, match="process 0 lost its connection to the others: Connection closed"
        ) as raised,
        distributed.connection_errors(),
    ):
        raise RuntimeError("Connection closed by peer\nmore")
    assert "--resume" in raised.value.hint
