"""Without torchrun; with it, see tests/training/test_several_processes.py."""

import pytest
import torch

from s2f_cli import ranks
from s2f_cli.errors import RunError


def test_one_process_leaves_everything_as_it_is() -> None:
    rows = torch.arange(6.0).view(3, 2)
    kept = rows.clone()
    with ranks.joined(torch.device("cpu")) as device:
        assert (device.type, ranks.rank(), ranks.count(), ranks.expected()) == ("cpu", 0, 1, 1)
        ranks.mean(rows)
        ranks.copy_first([rows])
        assert torch.equal(rows, kept) and torch.equal(ranks.own(ranks.gather(rows)), kept)
        assert ranks.any_of(True, device) and not ranks.any_of(False, device)


def test_pieces_of_all_processes_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "count", lambda: 2)
    seen = []
    for rank in (0, 1):
        monkeypatch.setattr(ranks, "rank", lambda rank=rank: rank)
        seen.append(ranks.rows_of(8, pieces=2))
    assert seen == [[0, 1, 4, 5], [2, 3, 6, 7]]


def test_a_batch_that_cannot_be_cut_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "count", lambda: 2)
    with pytest.raises(RunError, match="a batch of 3 cannot be cut evenly for 2 processes") as raised:
        ranks.rows_of(3)
    assert "batch_size=2" in raised.value.hint


def test_a_lost_connection_is_told() -> None:
    with (
        pytest.raises(RunError, match="process 0 lost the others: Connection closed") as raised,
        ranks.told(),
    ):
        raise RuntimeError("Connection closed by peer\nmore")
    assert "--resume" in raised.value.hint
