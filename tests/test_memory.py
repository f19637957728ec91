import pytest
import torch

from s2f_cli import memory

CPU = torch.device("cpu")


def test_what_is_free_bounds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, expected in ((2**40, 2**20), (2**32, 2**19), (0, 2**16)):
        monkeypatch.setattr(memory, "free", lambda device, free=free: free)
        assert memory.pixels(CPU) == expected


def test_weights_that_are_heavy_take_more_pictures_together_on_a_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "free", lambda device: 2**40)
    assert 2**17 == memory.together(CPU, 1_000_000) < memory.together(CPU, 20_000_000) < 2**20
    assert memory.together(CPU, 10**12) == 2**20
    assert memory.together(torch.device("mps"), 0) == 2**18
    monkeypatch.setattr(memory, "free", lambda device: 0)
    assert memory.together(CPU, 10**12) == 2**16


def test_the_system_tells() -> None:
    assert memory.free(CPU) > 2**20
