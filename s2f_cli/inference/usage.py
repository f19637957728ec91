"""The metadata of exported files, which says how to call them. Imports no torch.

The metadata is a `Usage` as JSON: in an ONNX file under the metadata key `s2f`, in a TorchScript or `.pt2`
file as the extra file `s2f.json`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, ValidationError, model_serializer

from s2f_cli.core.errors import BundleError
from s2f_cli.core.images import Fit
from s2f_cli.models import colours
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain
from s2f_cli.models.graphs import CONDITIONS
from s2f_cli.models.recipes.conditions import Conditions, Label

FORMAT = 1
KEY = "s2f"
EXTRA_FILE = "s2f.json"
ONNX = ".onnx"

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
