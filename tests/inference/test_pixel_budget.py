"""Pixels per pass, given the free memory."""

from types import SimpleNamespace

import psutil
import pytest
import torch

from s2f_cli.inference import pixel_budget

CPU = torch.device("cpu")


@pytest.mark.parametrize(("free", "pixels"), [(2**40, 2**20), (2**32, 2**19), (0, 2**16)])
def test_free_memory_limits_an_image(monkeypatch: pytest.MonkeyPatch, free: int, pixels: int) -> None:
    monkeypatch.setattr(pixel_budget, "free", lambda device: free)
    assert pixel_budget.single(CPU) == pixels


def test_more_weights_allow_larger_batches_on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixel_budget, "free", lambda device: 2**40)
    assert 2**17 == pixel_budget.batch(CPU, 1_000_000) < pixel_budget.batch(CPU, 20_000_000) < 2**20
    assert pixel_budget.batch(CPU, 10**12) == 2**20
    assert pixel_budget.batch(torch.device("mps"), 0) == 2**18
    monkeypatch.setattr(pixel_budget, "free", lambda device: 0)
    assert pixel_budget.batch(CPU, 10**12) == 2**16


def test_free_memory_of_each_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU of a Mac shares the computer's memory, a CUDA GPU has its own."""
    assert 2**20 < pixel_budget.free(CPU) <= psutil.virtual_memory().total
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2**33))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2**34, 2**35))
    assert pixel_budget.free(CPU) == pixel_budget.free(torch.device("mps")) == 2**33
    assert pixel_budget.free(torch.device("cuda")) == 2**34
