"""The default precision of a device and a recipe."""

import pytest
import torch

from s2f_cli.models import recipes
from s2f_cli.training import compute
from s2f_cli.training.compute import best_precision

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("native", "name", "expected"),
    [
        (True, "pix2pix", "bf16"),
        (False, "pix2pix", "fp32"),
        (True, "wgan", "fp32"),
        (True, "conv-ae", "bf16"),
    ],
)
def test_a_cpu_with_native_bf16_uses_it_for_recipes_without_a_gradient_penalty(
    native: bool, name: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "native_bf16", lambda: native)
    assert best_precision(CPU, recipes.read(name)) == expected


def test_other_devices_do_not_depend_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "native_bf16", lambda: True)
    assert best_precision(torch.device("mps"), recipes.read("pix2pix")) == "fp32"


def test_a_torch_without_the_cpu_checks_gets_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    assert best_precision(CPU, recipes.read("pix2pix")) == "fp32"
