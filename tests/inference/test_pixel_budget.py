import pytest
import torch

from s2f_cli.inference import pixel_budget

CPU = torch.device("cpu")


def test_what_is_free_bounds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, expected in ((2**40, 2**20), (2**32, 2**19), (0, 2**16)):
        monkeypatch.setattr(pixel_budget, "free", lambda device, free=free: free)
        assert pixel_budget.single(CPU) == expected


def test_weights_that_are_heavy_take_more_pictures_together_on_a_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pixel_budget, "free", lambda device: 2**40)
    assert 2**17 == pixel_budget.batch(CPU, 1_000_000) < pixel_budget.batch(CPU, 20_000_000) < 2**20
    assert pixel_budget.batch(CPU, 10**12) == 2**20
    assert pixel_budget.batch(torch.device("mps"), 0) == 2**18
    monkeypatch.setattr(pixel_budget, "free", lambda device: 0)
    assert pixel_budget.batch(CPU, 10**12) == 2**16


def test_the_system_tells() -> None:
    assert pixel_budget.free(CPU) > 2**20
