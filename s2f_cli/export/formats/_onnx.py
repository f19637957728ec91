"""Write and open ONNX files, for the formats `onnx` and `web`."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from s2f_cli.core import requirements
from s2f_cli.core.onnx_runtime import open_session
from s2f_cli.export.contract import Array, Inputs, Runner
from s2f_cli.inference.usage import ONNX, ExportPrecision

if TYPE_CHECKING:
    from s2f_cli.export.network import DirectionNetwork

_HEAVY = ["Conv", "ConvTranspose", "Gemm", "MatMul"]
"""The operators that int8 quantises; the others compute in float32."""


class OnnxFile:
    """One file with the weights inside and the usage as JSON under the metadata key `s2f`.

    Inputs and output are float32. `fp16` stores weights and computes in half precision. `int8` is static
    quantisation (QDQ): weights per channel in 7 bits, so that no x86 processor overflows, and activations in
    8 bits, their ranges calibrated on real images. The last convolution stays in float32, because its errors
    show directly in the image.
    """

    suffix = ONNX
    folds = True
    """Whether constants are computed when the file is written."""
    precisions: tuple[ExportPrecision, ...] = ("fp32", "fp16", "int8")
    takes_graphs = False

    def write(self, network: "DirectionNetwork", path: Path, calibration: Sequence[Inputs]) -> None:
        """Write the file; raises MissingPart without onnxscript."""
        requirements.require("onnxscript", "onnx")
        from s2f_cli.export.formats._onnx_program import save

        usage = network.usage
        if usage.precision == "int8":
            with tempfile.TemporaryDirectory() as folder:
                fp32_file = Path(folder) / "fp32.onnx"
                save(network, fp32_file, "fp32", fold=True)
                _quantise(fp32_file, path, network.input_names, calibration)
        else:
            save(network, path, usage.precision, self.folds)

    def open(self, path: Path) -> Runner:
        """Open a session of ONNX Runtime on the CPU."""
        return runner(path)


def runner(file: Path | bytes) -> Runner:
    """Run an ONNX file, or its content, on the CPU."""
    session = open_session(file)
    names = [value.name for value in session.get_inputs()]
    return lambda *inputs: session.run(None, dict(zip(names, inputs, strict=True)))[0]


def _quantise(fp32_file: Path, path: Path, names: Sequence[str], calibration: Sequence[Inputs]) -> None:
    import onnx
    from onnxruntime import quantization

    class Calibration(quantization.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.batches: Iterator[Inputs] = iter(calibration)

        def get_next(self) -> dict[str, Array] | None:
            inputs = next(self.batches, None)
            return None if inputs is None else dict(zip(names, inputs, strict=True))

    convolutions = [node.name for node in onnx.load(fp32_file).graph.node if node.op_type == "Conv"]
    quantization.quantize_static(
        os.fspath(fp32_file),
        os.fspath(path),
        Calibration(),
        quant_format=quantization.QuantFormat.QDQ,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        op_types_to_quantize=_HEAVY,
        nodes_to_exclude=convolutions[-1:],
    )
