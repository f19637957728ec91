"""Which precision a device and a recipe get."""

import pytest
import torch

from s2f_cli.models import recipes
from s2f_cli.training import compute
from s2f_cli.training.compute import best_precision

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("native", "name", "wanted"),
    [
        (True, "pix2pix", "bf16"),
        (False, "pix2pix", "fp32"),
        (True, "wgan", "fp32"),
        (True, "conv-ae", "bf16"),
    ],
)
def test_a_processor_computes_in_bf16_where_it_can_and_slopes_are_not_penalised(
    native: bool, name: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "_native_bf16", lambda: native)
    assert best_precision(CPU, recipes.read(name)) == wanted


def test_another_device_is_not_asked_what_the_processor_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "_native_bf16", lambda: True)
    assert best_precision(torch.device("mps"), recipes.read("pix2pix")) == "fp32"


def test_a_torch_that_does_not_know_its_processor_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    assert best_precision(CPU, recipes.read("pix2pix")) == "fp32"
