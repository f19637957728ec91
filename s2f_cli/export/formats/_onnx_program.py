"""Write a network in torch as an ONNX file."""

import copy
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxscript import optimizer
from torch import Tensor, nn

from s2f_cli.export.network import DirectionNetwork
from s2f_cli.inference.usage import KEY, ExportPrecision

_LARGEST = 1_900_000_000
"""Maximum bytes of weights; an ONNX file is limited to 2 GB."""
_NO_LIMIT = 2**40


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

    A float32 network with a stored graph is written from that, in a fraction of the time. `fold` computes
    constants now, which is quicker to load, and leaves no weight as it is in the model.
    Raises RuntimeError or ValueError if the network cannot be exported.
    """
    computed = _Half(network) if precision == "fp16" else network
    if sum(p.nbytes for p in computed.state_dict().values()) > _LARGEST:
        raise ValueError("its weights exceed the 2 GB limit of an ONNX file")
    if precision == "fp32" and network.stored:
        network.stored.save(path, network.usage)
        if fold:
            onnx.save(_folded(onnx.load(path)), path)
        return
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
        _folded(program.model)
    for value in [*program.model.graph, *program.model.graph.inputs, *program.model.graph.outputs]:
        value.metadata_props.clear()
    program.model.producer_name = "s2f"
    program.model.producer_version = usage.card.s2f
    program.model.metadata_props[KEY] = usage.model_dump_json()
    program.save(path)


def _folded(model: Any) -> Any:
    """A model whose constants are computed."""
    return optimizer.optimize(model, input_size_limit=_NO_LIMIT, output_size_limit=_NO_LIMIT)
