"""Exported files: what they say about how to call them, and ONNX files as networks again.

A `Usage` lies as JSON in an ONNX file's metadata under the key `s2f`, and in a TorchScript or `.pt2` file as
the extra file `s2f.json`.
"""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from s2f_cli.core import requirements
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.core.images import Domain, Fit
from s2f_cli.models.bundle import Card
from s2f_cli.models.networks import Network
from s2f_cli.models.roles import Networks

FORMAT = 1
KEY = "s2f"
EXTRA_FILE = "s2f.json"
ONNX = ".onnx"

Precision = Literal["fp32", "fp16", "int8"]


class Usage(BaseModel):
    """How to call an exported file: all that a program without s2f needs to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    source: Domain
    """The domain of its input."""
    to: Domain
    """The domain of its output."""
    layout: Literal["NCHW"] = "NCHW"
    range: tuple[float, float] = (-1.0, 1.0)
    """Of input and output, float32; what an output has beyond it is clipped."""
    channels_in: Literal[1, 3]
    """1 is gray (luma), 3 is RGB."""
    channels_out: Literal[1, 3]
    size: int
    """The side of the square that training saw, in pixels."""
    size_out: int
    """The side of what is made of that square."""
    fit: Fit
    """How training made the square of an image: its centre (`crop`), or the whole squashed (`squash`)."""
    any_size: bool
    """Whether it takes other heights and widths than `size`."""
    multiple: int
    """Of what number these must be multiples."""
    precision: Precision
    card: Card
    """The model's card: recipe, training data, licence."""


class OnnxNetwork(Network):
    """An ONNX file as a network: (N, C, H, W) float32 → the same N, on the CPU."""

    def __init__(self, session: Any, usage: Usage) -> None:
        super().__init__()
        self.session = session
        self.multiple = usage.multiple
        self.size = None if usage.any_size else usage.size
        self._input = session.get_inputs()[0].name

    def forward(self, image: Tensor) -> Tensor:
        """What ONNX Runtime makes of a batch."""
        (made,) = self.session.run(None, {self._input: np.ascontiguousarray(image.cpu().numpy())})
        return torch.from_numpy(made)


def open_session(path: Path, device: str = "cpu") -> Any:
    """ONNX Runtime's session of a file, with as many threads as torch has.

    `auto` takes the first GPU if ONNX Runtime can use one, else the CPU. Raises MissingPart without the
    package onnxruntime, S2FError when it cannot use the device, BundleError when it cannot open the file.
    """
    runtime = requirements.require("onnxruntime", "onnx")
    providers = _providers(runtime, device)
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        return runtime.InferenceSession(path, options, providers=providers)
    except Exception as problem:  # its exceptions have no common base
        raise BundleError(
            f"{path} is not an ONNX file, or is damaged ({str(problem).splitlines()[0]})",
            "copy it again, or export it again with `s2f export`",
        ) from None


def _providers(runtime: Any, device: str) -> list[Any]:
    cpu, cuda = "CPUExecutionProvider", "CUDAExecutionProvider"
    able = runtime.get_available_providers()
    kind, _, number = device.partition(":")
    if cuda in able and kind in ("cuda", "auto"):
        return [(cuda, {"device_id": number or "0"}), cpu]
    if kind in ("cpu", "auto"):
        return [cpu]
    raise S2FError(
        f"the device {device!r} cannot be used: this onnxruntime has only {', '.join(able)}",
        "try --device cpu, or install onnxruntime-gpu in place of onnxruntime",
    )


def load(path: Path, device: str = "auto") -> tuple[Networks, Card]:
    """An ONNX file that s2f exported, as networks with one direction, and the card of its model.

    Raises BundleError when the file is missing, damaged, or not exported by s2f; otherwise as `open_session`.
    """
    if not path.is_file():
        raise BundleError(f"there is no model file {path}", "export one with `s2f export --format onnx`")
    session = open_session(path, device)
    usage = read_usage(session.get_modelmeta().custom_metadata_map, path)
    return Networks({"onnx": OnnxNetwork(session, usage)}, {usage.to: ["onnx"]}), usage.card


def read_usage(metadata: dict[str, str], path: Path) -> Usage:
    """The Usage in an ONNX file's metadata; raises BundleError when there is none, or of another version."""
    if KEY not in metadata:
        raise BundleError(
            f"{path} is an ONNX file of another program: it does not say how to call it",
            "s2f can only use ONNX files that `s2f export` wrote",
        )
    try:
        return Usage.model_validate_json(metadata[KEY])
    except ValidationError as problem:
        first = problem.errors()[0]
        raise BundleError(
            f"the metadata of {path} is broken: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            "it may come from another version of s2f; export it again",
        ) from None
