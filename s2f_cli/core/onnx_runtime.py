"""Sessions of ONNX Runtime: the device, the threads, and weights that lie outside the file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from s2f_cli.core import processor, requirements
from s2f_cli.core.errors import BundleError, S2FError, first_line

CPU, CUDA, COREML = "CPUExecutionProvider", "CUDAExecutionProvider", "CoreMLExecutionProvider"
_SILENT = 3

# From version 1.32 on, ONNX Runtime reports its use to its makers. It reads this when it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def providers() -> tuple[str, ...]:
    """The execution providers of the installed ONNX Runtime; raises MissingPart if it is not installed."""
    return tuple(requirements.require("onnxruntime").get_available_providers())


def open_session(
    model: Path | bytes,
    device: str = "cpu",
    *,
    threads: int | None = None,
    weights: Mapping[str, npt.NDArray[np.float32]] | None = None,
    label: str = "",
) -> Any:
    """Open an ONNX file, or its content, whose external initialisers are `weights`.

    The device `auto` is CUDA if ONNX Runtime has it, else the CPU; `mps` is Core ML. `threads` are
    `processor.threads()` by default. Raises MissingPart if the package onnxruntime is not installed, S2FError
    if it cannot use the device, BundleError naming `label` if it cannot open the file.
    """
    runtime = requirements.require("onnxruntime")
    chosen = _providers(device)
    label = label or (str(model) if isinstance(model, Path) else "the model")
    options = runtime.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = threads or processor.threads()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False  # it would never return the memory of the largest image
    if weights:  # the session copies them
        values = [runtime.OrtValue.ortvalue_from_numpy(np.asarray(w, order="C")) for w in weights.values()]
        options.add_external_initializers(list(weights), values)
    try:
        return runtime.InferenceSession(model, options, providers=chosen)
    except Exception as error:  # exceptions of ONNX Runtime have no common base class
        raise BundleError(
            f"{label} is not an ONNX file, or is damaged ({first_line(error)})",
            "copy it again, or export it again with `s2f export`",
        ) from None


def device_name(device: str) -> str:
    """The device on which a session for `device` computes: `cpu`, `cuda:0` or `mps`.

    Raises S2FError if ONNX Runtime cannot use the device.
    """
    kind, _, number = device.partition(":")
    if kind == "cpu" or (kind == "auto" and not processor.may_have_gpu()):
        return "cpu"  # ONNX Runtime need not be imported yet
    available = providers()
    if CUDA in available and kind in ("cuda", "auto"):
        return f"cuda:{number or 0}"
    if COREML in available and kind == "mps":
        return "mps"
    if kind == "auto":
        return "cpu"
    raise S2FError(
        f"the device {device!r} cannot be used: this onnxruntime has only {', '.join(available)}",
        "try --device cpu, or install onnxruntime-gpu instead of onnxruntime",
    )


def _providers(device: str) -> list[Any]:
    kind, _, number = device_name(device).partition(":")
    if kind == "cuda":
        return [(CUDA, {"device_id": number}), CPU]
    return [COREML, CPU] if kind == "mps" else [CPU]
