"""Pixels per pass, given the free memory."""

from types import SimpleNamespace

import psutil
import pytest
import torch

from s2f_cli.inference import pixel_budget
from s2f_cli.inference.torch_engine import TorchEngine
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes import read


@pytest.mark.parametrize(("free", "pixels"), [(2**40, 2**20), (2**32, 2**19), (0, 2**16)])
def test_free_memory_limits_an_image(free: int, pixels: int) -> None:
    assert pixel_budget.single("cpu", free) == pixels


def test_more_weights_allow_larger_batches_on_a_cpu() -> None:
    small, large = (pixel_budget.batch("cpu", 2**40, weights) for weights in (1_000_000, 20_000_000))
    assert 2**17 == small < large < 2**20
    assert pixel_budget.batch("cpu", 2**40, 10**12) == 2**20
    assert pixel_budget.batch("cpu", 2**40, 1_000_000, parallel=8) == 2**19
    assert pixel_budget.batch("mps", 2**40, 0) == 2**18
    assert pixel_budget.batch("cpu", 0, 10**12) == 2**16
    assert pixel_budget.batch("cuda:0", 2**40, 0) == 2**20


def test_free_memory_of_each_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU of a Mac shares the computer's memory, a CUDA GPU has its own."""
    assert 2**20 < pixel_budget.free_memory() <= psutil.virtual_memory().total
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2**33))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2**34, 2**35))
    recipe = read("conv-ae", ["image.size=16"])
    engine = TorchEngine(build_networks(recipe), recipe, "cpu")
    assert engine.free_memory() == 2**33
    engine._device = torch.device("cuda")
    assert engine.free_memory() == 2**34
