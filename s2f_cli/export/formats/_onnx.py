"""Write and open ONNX files, for the formats `onnx` and `web`."""

import copy
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from s2f_cli.core import requirements
from s2f_cli.core.onnx_runtime import open_session
from s2f_cli.export.contract import Array, DirectionNetwork, Inputs, Runner
from s2f_cli.inference.usage import KEY, ONNX, ExportPrecision

_LARGEST = 1_900_000_000
"""Maximum bytes of weights; an ONNX file is limited to 2 GB."""
_NO_LIMIT = 2**40
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
    """See `save`."""
    precisions: tuple[ExportPrecision, ...] = ("fp32", "fp16", "int8")

    def write(self, network: DirectionNetwork, path: Path, calibration: Sequence[Inputs]) -> None:
        """Write the file; raises MissingPart without onnxscript."""
        requirements.require("onnxscript", "onnx")
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
        session = open_session(path)
        names = [value.name for value in session.get_inputs()]
        return lambda *inputs: session.run(None, dict(zip(names, inputs, strict=True)))[0]


class _Half(nn.Module):
    """A network in half precision with float32 inputs and output."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).half()

    def forward(self, image: Tensor, conditions: Tensor | None = None) -> Tensor:
        """Run the network on a batch."""
        vectors = None if conditions is None else conditions.half()
        return self.network(image.half(), vectors).float()


def save(network: DirectionNetwork, path: Path, precision: ExportPrecision, fold: bool) -> None:
    """Write a network that computes in `fp32` or `fp16` as an ONNX file without paths of this machine.

    `fold` computes constants now, which is quicker to load, and leaves no weight as it is in the model.
    Raises RuntimeError or ValueError if the network cannot be exported.
    """
    from onnxscript import optimizer

    computed = _Half(network) if precision == "fp16" else network
    if sum(p.nbytes for p in computed.state_dict().values()) > _LARGEST:
        raise ValueError("its weights exceed the 2 GB limit of an ONNX file")
    usage = network.usage
    program = torch.onnx.export(
        computed,
        network.example(),
        input_names=network.input_names,
        output_names=[usage.to],
        dynamic_shapes=network.dynamic_shapes(),
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    if fold:
        optimizer.optimize(program.model, input_size_limit=_NO_LIMIT, output_size_limit=_NO_LIMIT)
    for value in [*program.model.graph, *program.model.graph.inputs, *program.model.graph.outputs]:
        value.metadata_props.clear()
    program.model.producer_name = "s2f"
    program.model.producer_version = usage.card.s2f
    program.model.metadata_props[KEY] = usage.model_dump_json()
    program.save(path)


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
