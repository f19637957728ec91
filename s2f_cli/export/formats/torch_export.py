"""The `.pt2` file of `torch.export`, for PyTorch without s2f, AOTInductor and ExecuTorch."""

from collections.abc import Sequence
from pathlib import Path

import torch

from s2f_cli.export.contract import Inputs, Runner
from s2f_cli.export.network import DirectionNetwork
from s2f_cli.inference.usage import EXTRA_FILE, ExportPrecision

__all__ = ["TorchExport"]


class TorchExport:
    """A program for `torch.export.load`, with its usage in the extra file `s2f.json`.

    Networks that take any size need a height and width of at least twice `multiple`, because `torch.export`
    specialises dimensions of 1.
    """

    suffix = ".pt2"
    precisions: tuple[ExportPrecision, ...] = ("fp32",)
    takes_graphs = False

    def write(self, network: DirectionNetwork, path: Path, calibration: Sequence[Inputs]) -> None:
        """Write the file, without example inputs and without paths of this machine."""
        program = torch.export.export(network, network.example(), dynamic_shapes=network.dynamic_shapes())
        for node in program.graph.nodes:
            node.meta.pop("stack_trace", None)
        program.example_inputs = None
        torch.export.save(program, path, extra_files={EXTRA_FILE: network.usage.model_dump_json()})

    def open(self, path: Path) -> Runner:
        """Load the program."""
        module = torch.export.load(path).module()
        return lambda *inputs: module(*map(torch.from_numpy, inputs)).numpy()
