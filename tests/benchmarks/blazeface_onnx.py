"""Converts BlazeFace, the face finder of the page, from TensorFlow Lite to ONNX.

Run by hand, with the packages tflite and onnx:

    blazeface_onnx.py face_detection_short_range.tflite

The .tflite file is in the wheel of mediapipe 0.10.14, in `mediapipe/modules/face_detection`. Its weights are
half-precision, and are stored as they are; the network computes in float32.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

from s2f_cli.web import site

TARGET = site.PAGE / "blazeface.onnx"
_KERNELS = {"CONV_2D": (0, 3, 1, 2), "DEPTHWISE_CONV_2D": (3, 0, 1, 2)}
"""From the order of a kernel's axes in TensorFlow Lite to (outputs, inputs, rows, columns)."""
_OPTIONS = {
    "CONV_2D": tflite.Conv2DOptions,
    "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions,
    "MAX_POOL_2D": tflite.Pool2DOptions,
}
_PADDING = {tflite.Padding.SAME: "SAME_UPPER", tflite.Padding.VALID: "VALID"}
_OPERATORS = {
    number: name for name, number in vars(tflite.BuiltinOperator).items() if isinstance(number, int)
}


class Converter:
    """The ONNX graph of a TensorFlow Lite graph; maps are (N, C, H, W) instead of (N, H, W, C)."""

    def __init__(self, model: Any) -> None:
        self.model, self.graph = model, model.Subgraphs(0)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, npt.NDArray[Any]] = {}
        self.dequantised: dict[int, int] = {}

    def run(self) -> onnx.ModelProto:
        """Convert the graph; the outputs are `boxes` (N, 896, 16) and `scores` (N, 896, 1)."""
        for number in range(self.graph.OperatorsLength()):
            self._add(self.graph.Operators(number))
        boxes, scores = (int(index) for index in self.graph.OutputsAsNumpy())
        for index, name in ((boxes, "boxes"), (scores, "scores")):
            self._node("Identity", [_name(index)], name)
        graph = helper.make_graph(
            self.nodes,
            "blazeface",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 128, 128])],
            [
                helper.make_tensor_value_info("boxes", TensorProto.FLOAT, ["batch", 896, 16]),
                helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 896, 1]),
            ],
            [numpy_helper.from_array(values, name) for name, values in self.constants.items()],
        )
        opset = helper.make_opsetid("", 17)
        return helper.make_model(graph, opset_imports=[opset], ir_version=8, producer_name="s2f")

    def _add(self, operator: Any) -> None:
        kind = _OPERATORS[self.model.OperatorCodes(operator.OpcodeIndex()).DeprecatedBuiltinCode()]
        inputs = [int(index) for index in operator.InputsAsNumpy()]
        output = int(operator.Outputs(0))
        if kind == "DEQUANTIZE":
            self.dequantised[output] = inputs[0]
            return
        image = "image" if inputs[0] == self.graph.Inputs(0) else _name(inputs[0])
        handlers: dict[str, Callable[[], None]] = {
            "RELU": lambda: self._node("Relu", [image], _name(output)),
            "ADD": lambda: self._node("Add", [image, _name(inputs[1])], _name(output)),
            "CONCATENATION": lambda: self._node("Concat", [_name(i) for i in inputs], _name(output), axis=1),
            "PAD": lambda: self._pad(image, inputs[1], output),
            "RESHAPE": lambda: self._rows(image, output),
            "MAX_POOL_2D": lambda: self._pool(image, operator, output),
            "CONV_2D": lambda: self._convolution(image, operator, kind, inputs, output),
            "DEPTHWISE_CONV_2D": lambda: self._convolution(image, operator, kind, inputs, output),
        }
        handlers[kind]()

    def _convolution(self, image: str, operator: Any, kind: str, inputs: list[int], output: int) -> None:
        kernel = self._stored(inputs[1]).transpose(_KERNELS[kind])
        options = _options(operator, kind)
        self._node(
            "Conv",
            [image, self._weights(inputs[1], kernel), self._weights(inputs[2], self._stored(inputs[2]))],
            _name(output),
            strides=[options.StrideH(), options.StrideW()],
            group=kernel.shape[0] if kind.startswith("DEPTHWISE") else 1,
            auto_pad=_PADDING[options.Padding()],
        )

    def _pool(self, image: str, operator: Any, output: int) -> None:
        options = _options(operator, "MAX_POOL_2D")
        self._node(
            "MaxPool",
            [image],
            _name(output),
            kernel_shape=[options.FilterHeight(), options.FilterWidth()],
            strides=[options.StrideH(), options.StrideW()],
            auto_pad=_PADDING[options.Padding()],
        )

    def _pad(self, image: str, amounts: int, output: int) -> None:
        (_, before), (_, rows), (_, columns), (_, channels) = self._data(amounts, np.int32).reshape(4, 2)
        if before or rows or columns:
            raise SystemExit("only channels are padded in BlazeFace")
        self.constants[f"pads{output}"] = np.array([0, 0, 0, 0, 0, channels, 0, 0], np.int64)
        self._node("Pad", [image, f"pads{output}"], _name(output))

    def _rows(self, image: str, output: int) -> None:
        """(N, C, H, W) → (N, rows, columns), in the order of the channels-last original."""
        _, rows, columns = self.graph.Tensors(output).ShapeAsNumpy()
        self.constants[f"shape{output}"] = np.array([-1, rows, columns], np.int64)
        self._node("Transpose", [image], f"last{output}", perm=[0, 2, 3, 1])
        self._node("Reshape", [f"last{output}", f"shape{output}"], _name(output))

    def _weights(self, index: int, values: npt.NDArray[np.float16]) -> str:
        """Store half-precision weights; returns the name of their float32 copy."""
        self.constants[f"half{index}"] = np.ascontiguousarray(values)
        self._node("Cast", [f"half{index}"], f"weights{index}", to=TensorProto.FLOAT)
        return f"weights{index}"

    def _stored(self, index: int) -> npt.NDArray[np.float16]:
        return self._data(self.dequantised[index], np.float16)

    def _data(self, index: int, kind: type[Any]) -> npt.NDArray[Any]:
        tensor = self.graph.Tensors(index)
        return self.model.Buffers(tensor.Buffer()).DataAsNumpy().view(kind).reshape(tensor.ShapeAsNumpy())

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))


def _options(operator: Any, kind: str) -> Any:
    table, options = operator.BuiltinOptions(), _OPTIONS[kind]()
    options.Init(table.Bytes, table.Pos)
    return options


def _name(index: int) -> str:
    return f"map{index}"


if __name__ == "__main__":
    converted = Converter(tflite.Model.GetRootAsModel(Path(sys.argv[1]).read_bytes(), 0)).run()
    onnx.checker.check_model(converted)
    TARGET.write_bytes(converted.SerializeToString())
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")
