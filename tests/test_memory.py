import pytest
import torch

from s2f_cli import memory

CPU = torch.device("cpu")


def test_what_is_free_bounds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, expected in ((2**40, 2**20), (2**32, 2**19), (0, 2**16)):
        monkeypatch.setattr(memory, "free", lambda device, free=free: free)
        assert memory.pixels(CPU) == expected


def test_the_system_tells() -> None:
    assert memory.free(CPU) > 2**20
