"""What a benchmark says of its machine."""

import pytest
import torch

from s2f_cli.benchmark.machine import Machine, this_machine


def test_a_machine_in_a_line() -> None:
    assert str(Machine(1, "x86_64", "AVX2", (), "Linux")) == "1 core, x86_64, AVX2"
    assert str(Machine(16, "aarch64", "NEON", ("H200",), "Linux")) == "16 cores, aarch64, NEON, H200"


def test_gpus_are_named_unless_the_processor_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"GPU {number}")
    assert this_machine("auto").gpus == ("GPU 0",)
    assert this_machine("cpu").gpus == ()
