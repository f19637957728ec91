"""ONNX Runtime as s2f sets it up."""

import os

from s2f_cli.core import onnx_runtime


def test_its_use_is_not_reported() -> None:
    assert "CPUExecutionProvider" in onnx_runtime.providers()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
