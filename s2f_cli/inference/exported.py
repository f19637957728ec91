"""Exported files: the metadata that says how to call them, and ONNX files as networks.

The metadata is a `Usage` as JSON: in an ONNX file under the metadata key `s2f`, in a TorchScript or `.pt2`
file as the extra file `s2f.json`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, ValidationError, model_serializer
from torch import Tensor

from s2f_cli.core import requirements
from s2f_cli.core.errors import BundleError, S2FError, first_line
from s2f_cli.core.images import Fit
from s2f_cli.models import colours
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain
from s2f_cli.models.networks import Network
from s2f_cli.models.recipes.conditions import Conditions, Label
from s2f_cli.models.roles import Networks

FORMAT = 1
KEY = "s2f"
EXTRA_FILE = "s2f.json"
ONNX = ".onnx"
CONDITIONS = "conditions"
"""The name of the second input, the condition vectors (N, K), of a model with conditions."""

ExportPrecision = Literal["fp32", "fp16", "int8"]
"""Numeric precision of an exported file."""


class ConditionUsage(BaseModel):
    """One condition, and its part of the condition vector."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    encoding: Literal["one-hot", "rgb"]
    """`one-hot`: a number for each label, 1 for the chosen one and 0 for the others. `rgb`: red, green and
    blue, each `level / 127.5 - 1`."""
    choices: tuple[str, ...] | Mapping[str, str]
    """The labels, in order; or names of natural colours, with the colours as `#rrggbb`."""
    default: str
    """A label, or a colour as `#rrggbb`."""
    numbers: tuple[float, ...]
    """The default, encoded."""


def describe_conditions(conditions: Conditions) -> tuple[ConditionUsage, ...]:
    """The conditions in the order of the vector, for programs without s2f."""
    return tuple(
        ConditionUsage(
            name=name,
            encoding="one-hot" if isinstance(condition, Label) else "rgb",
            choices=tuple(condition.labels)
            if isinstance(condition, Label)
            else colours.NAMES[condition.region],
            default=condition.default,
            numbers=tuple(condition.encode(condition.default)),
        )
        for name, condition in conditions.root.items()
    )


class Usage(BaseModel):
    """How to call an exported file: all that a program without s2f needs to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    source: Domain
    """Domain of the input."""
    to: Domain
    """Domain of the output."""
    layout: Literal["NCHW"] = "NCHW"
    range: tuple[float, float] = (-1.0, 1.0)
    """Range of input and output, float32; outputs beyond it are clipped."""
    channels_in: Literal[1, 3]
    """1 is gray (luma), 3 is RGB."""
    channels_out: Literal[1, 3]
    size: int
    """Side of the square seen in training, in pixels."""
    size_out: int
    """Side of the output for that square, in pixels."""
    fit: Fit
    """How training made images square: by cutting out the centre (`crop`) or resizing (`squash`)."""
    any_size: bool
    """Whether heights and widths other than `size` are accepted."""
    multiple: int
    """Heights and widths must be multiples of this number."""
    precision: ExportPrecision
    conditions: tuple[ConditionUsage, ...] = ()
    """What the second input, `conditions` (N, K) float32, holds, in order; absent in files without it."""
    card: Card
    """The model's card: recipe, training data, licence."""

    @model_serializer(mode="wrap")
    def _without_empty_conditions(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if key != CONDITIONS or value}


class OnnxNetwork(Network):
    """An ONNX file as a network, from and to (N, C, H, W) float32; the output is on the CPU.

    With conditions it takes their planes behind the image's channels, as other networks do, and reads the
    vectors at pixel (0, 0).
    """

    def __init__(self, session: Any, usage: Usage) -> None:
        super().__init__()
        self.session = session
        self.multiple = usage.multiple
        self.size = None if usage.any_size else usage.size
        self._usage = usage

    def forward(self, image: Tensor) -> Tensor:
        """Run a batch in ONNX Runtime."""
        batch, channels = image.cpu().numpy(), self._usage.channels_in
        feeds: dict[str, np.ndarray] = {self._usage.source: np.ascontiguousarray(batch[:, :channels])}
        if self._usage.conditions:
            feeds[CONDITIONS] = np.ascontiguousarray(batch[:, channels:, 0, 0])
        (output,) = self.session.run(None, feeds)
        return torch.from_numpy(output)


def open_session(path: Path, device: str = "cpu") -> Any:
    """Open a file in ONNX Runtime, with as many threads as torch uses.

    The device `auto` is the first GPU if ONNX Runtime can use one, else the CPU. Raises MissingPart if the
    package onnxruntime is not installed, S2FError if it cannot use the device, BundleError if it cannot open
    the file.
    """
    runtime = requirements.require("onnxruntime", "onnx")
    providers = _providers(runtime, device)
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        return runtime.InferenceSession(path, options, providers=providers)
    except Exception as error:  # exceptions of ONNX Runtime have no common base class
        raise BundleError(
            f"{path} is not an ONNX file, or is damaged ({first_line(error)})",
            "copy it again, or export it again with `s2f export`",
        ) from None


def _providers(runtime: Any, device: str) -> list[Any]:
    cpu, cuda = "CPUExecutionProvider", "CUDAExecutionProvider"
    available = runtime.get_available_providers()
    kind, _, number = device.partition(":")
    if cuda in available and kind in ("cuda", "auto"):
        return [(cuda, {"device_id": number or "0"}), cpu]
    if kind in ("cpu", "auto"):
        return [cpu]
    raise S2FError(
        f"the device {device!r} cannot be used: this onnxruntime has only {', '.join(available)}",
        "try --device cpu, or install onnxruntime-gpu instead of onnxruntime",
    )


def load(path: Path, device: str = "auto") -> tuple[Networks, Card]:
    """Load an ONNX file that s2f exported: networks with one direction, and the card of the model.

    Raises BundleError if the file is missing, damaged, or not exported by s2f, and the errors of
    `open_session`.
    """
    if not path.is_file():
        raise BundleError(
            f"there is no model file {path}",
            "check the path, or export a model with `s2f export --format onnx`",
        )
    session = open_session(path, device)
    usage = read_usage(session.get_modelmeta().custom_metadata_map, path)
    return Networks({"onnx": OnnxNetwork(session, usage)}, {usage.to: ["onnx"]}), usage.card


def read_usage(metadata: dict[str, str], path: Path) -> Usage:
    """Read the Usage in an ONNX file's metadata.

    Raises BundleError if there is none, or if another version of s2f wrote it.
    """
    if KEY not in metadata:
        raise BundleError(
            f"{path} was not exported by s2f: it has no s2f metadata",
            "export a model with `s2f export --format onnx`",
        )
    try:
        return Usage.model_validate_json(metadata[KEY])
    except ValidationError as error:
        first = error.errors()[0]
        raise BundleError(
            f"the metadata of {path} is broken: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            "export it again: it may come from another version of s2f",
        ) from None
