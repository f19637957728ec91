"""Reads the layers of a network that dlib has serialised (`dlib::serialize` of dlib/dnn/core.h and layers.h).

Integers are a byte with their sign and length, then the bytes, lowest first. A float is an integer mantissa
and a binary exponent. A tensor is a version, four sizes, and float32 values. Layers are nested: first come
the versions of all of them, output first, then their contents, input first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

_INPUT_LAYER = 3
"""The version of a layer whose input is the image; those of other layers are 1 or 2."""
_CONTENTS = {
    "con_4": "tiiiiiiissffff",
    "affine_": "tssi",
    "relu_": "",
    "add_prev_": "",
    "max_pool_2": "iiiiii",
    "avg_pool_2": "iiiiii",
    "fc_2": "iitssiffff",
}
"""The fields of each layer: tensor, integer, sizes of a tensor, float."""


@dataclass(frozen=True)
class Layer:
    """A layer, with its parameters in one array (empty if it has none) and the sizes of their parts."""

    name: str
    parameters: Array
    sizes: list[tuple[int, ...]]

    def parts(self) -> list[Array]:
        """The parameters as arrays of `sizes`; parts without values are left out."""
        sizes = [size for size in self.sizes if np.prod(size)]
        ends = np.cumsum([np.prod(size) for size in sizes])[:-1]
        arrays = np.split(self.parameters, ends)
        return [array.reshape(size) for array, size in zip(arrays, sizes, strict=True)]


def read_layers(file: Path) -> list[Layer]:
    """Read the layers of a network for RGB images with a metric loss, input first.

    Raises OSError if the file cannot be read, ValueError if it holds anything else.
    """
    return _Reader(file.read_bytes()).layers()


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content, self._position = content, 0
        self._fields: dict[str, Callable[[], Any]] = {
            "t": self._tensor,
            "i": self._integer,
            "s": self._sizes,
            "f": self._float,
        }

    def layers(self) -> list[Layer]:
        self._expect(1, self._integer())
        self._expect("loss_metric_2", self._text())
        self._skip("ff")
        count = 1
        while (version := self._integer()) != _INPUT_LAYER:
            if version not in (1, 2):
                raise ValueError(f"a layer has the unknown version {version}")
            count += version == 2
        self._expect("input_rgb_image_sized", self._text())
        self._skip("fffii")
        layers = []
        for number in range(count):
            layers.append(self._layer())
            self._take(3)
            self._skip("ttt" if number else "ttti")
        self._expect(len(self._content), self._position)
        return layers

    def _layer(self) -> Layer:
        name = self._text()
        if name not in _CONTENTS:
            raise ValueError(f"the unknown layer {name!r}")
        values = [(field, self._fields[field]()) for field in _CONTENTS[name]]
        parameters = next((value for field, value in values if field == "t"), np.empty(0, np.float32))
        return Layer(name, parameters, [value for field, value in values if field == "s"])

    def _take(self, length: int) -> bytes:
        taken = self._content[self._position : self._position + length]
        if len(taken) < length:
            raise ValueError("it is truncated")
        self._position += length
        return taken

    def _integer(self) -> int:
        control = self._take(1)[0]
        value = int.from_bytes(self._take(control & 0x0F), "little")
        return -value if control & 0x80 else value

    def _float(self) -> float:
        mantissa, exponent = self._integer(), self._integer()
        return mantissa * 2.0**exponent

    def _text(self) -> str:
        return self._take(self._integer()).decode("latin-1")

    def _tensor(self) -> Array:
        self._expect(2, self._integer())
        values = int(np.prod([self._integer() for _ in range(4)]))
        return np.frombuffer(self._take(4 * values), "<f4").astype(np.float32)

    def _sizes(self) -> tuple[int, ...]:
        self._expect(1, self._integer())
        return tuple(self._integer() for _ in range(4))

    def _skip(self, fields: str) -> None:
        for field in fields:
            self._fields[field]()

    @staticmethod
    def _expect(expected: object, found: object) -> None:
        if expected != found:
            raise ValueError(f"{found!r} where {expected!r} belongs")
