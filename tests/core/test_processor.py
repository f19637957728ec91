"""What the processor computes natively."""

import sys

import pytest
import torch

from s2f_cli.core import processor
from s2f_cli.core.processor import native_bf16


@pytest.mark.parametrize(
    ("capability", "bf16", "native"),
    [("AVX512", True, True), ("AVX512", False, False), ("AVX2", True, False), ("DEFAULT", True, False)],
)
def test_bf16_is_native_where_torch_may_use_its_instructions(
    capability: str, bf16: bool, native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "_flags", lambda: frozenset({"avx512_bf16"}))
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: bf16)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert native_bf16() == native


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the features of a processor")
def test_bf16_is_not_native_without_the_feature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "_flags", lambda: frozenset({"avx2"}))
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert not native_bf16()
