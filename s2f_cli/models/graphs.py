"""The ONNX graphs of a model, stored without weights in its bundle. Imports no torch.

ONNX Runtime runs them with the weights of the same file, which it is given by name. There is one graph for
each chain of roles that translates or refines.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import safetensors
from pydantic import BaseModel, ConfigDict

from s2f_cli.core.errors import BundleError
from s2f_cli.models.domains import Domain

KEY = "onnx"
"""The tensor of a bundle that holds its graphs: JSON as bytes."""
IMAGE, CONDITIONS, RESULT = "image", "conditions", "result"
"""The names of the inputs and of the output of a graph."""

GraphKind = Literal["directions", "refinements"]
Weights = dict[str, npt.NDArray[np.float32]]


class Graph(BaseModel):
    """A chain of networks as an ONNX graph: (N, C, H, W) and conditions (N, K) → (N, C', H', W')."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    multiple: int
    """Heights and widths are multiples of this number of pixels."""
    size: int | None
    """The side of the only squares it takes, in pixels; None if it takes all multiples."""
    parameters: int
    """The number of its weights."""
    weights: tuple[str, ...]
    """The names of its initialisers: tensors of the bundle, in float32."""
    lengths: dict[str, str]
    """The tensors that hold the lengths of the filters of these initialisers: see `normalised`."""
    onnx: str
    """The ONNX file without weights, compressed by zlib, as base64."""

    @property
    def model(self) -> bytes:
        """The ONNX file, whose initialisers have external data."""
        return zlib.decompress(base64.b64decode(self.onnx))


def compressed(model: bytes) -> str:
    """An ONNX file as text, as `Graph.onnx` stores it."""
    return base64.b64encode(zlib.compress(model, 9)).decode("ascii")


def name_of(kind: GraphKind, to: Domain) -> str:
    """The name of the graph of a chain, such as `directions.sketch`."""
    return f"{kind}.{to}"


def dump(graphs: Mapping[str, Graph]) -> npt.NDArray[np.uint8]:
    """Graphs by name, as the tensor `KEY` of a bundle."""
    tables = {name: graph.model_dump() for name, graph in sorted(graphs.items())}
    return np.frombuffer(bytearray(json.dumps(tables).encode("ascii")), np.uint8)


def read(path: Path) -> dict[str, Graph]:
    """The graphs of a bundle, by name; none if it has none. Raises BundleError if they are invalid."""
    with safetensors.safe_open(path, framework="np") as file:
        text = file.get_tensor(KEY).tobytes() if KEY in file.keys() else b"{}"  # noqa: SIM118
    try:
        return {name: Graph.model_validate(table) for name, table in json.loads(text).items()}
    except (ValueError, AttributeError):
        raise BundleError(
            f"the ONNX graphs in {path} are invalid", "upgrade s2f, or use the model with --engine torch"
        ) from None


def read_weights(path: Path, graph: Graph) -> Weights:
    """The initialisers of a graph by name, in float32, from its bundle; raises as `read_stored`."""
    arrays = read_stored(path, graph)
    lengths = {name: arrays.pop(length) for name, length in graph.lengths.items()}
    return arrays | {name: normalised(arrays[name], length) for name, length in lengths.items()}


def read_stored(path: Path, graph: Graph) -> Weights:
    """The tensors of a bundle, by name and in float32, from which the weights of a graph are made.

    Raises BundleError if one is missing.
    """
    try:
        with safetensors.safe_open(path, framework="np") as file:
            names = (*graph.weights, *graph.lengths.values())
            return {name: file.get_tensor(name).astype(np.float32, copy=False) for name in names}
    except safetensors.SafetensorError as problem:
        raise BundleError(
            f"the weights in {path} do not fit its ONNX graph: {problem}", "copy the file again"
        ) from None


def normalised(filters: npt.NDArray[np.float32], length: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Give filters (N, C, H, W) their lengths (N, 1, 1, 1), as `NormalisedConv2d` does."""
    squares = np.einsum("nchw,nchw->n", filters, filters)
    scale = length.reshape(-1) / np.sqrt(squares + np.float32(1e-4))
    return filters * scale[:, None, None, None]
