"""`torch.export`'s `.pt2`, for PyTorch without s2f, its compiler AOTInductor and ExecuTorch."""

from collections.abc import Sequence
from pathlib import Path

import torch

from s2f_cli.export.contract import Array, OneWay, Run
from s2f_cli.inference.exported import EXTRA_FILE, Precision

__all__ = ["TorchExport"]


class TorchExport:
    """An exported program for `torch.export.load`, its usage in the extra file `s2f.json`.

    Where any size will do, height and width are at least twice `multiple`: `torch.export` takes a dimension
    of 1 for a case of its own.
    """

    suffix = ".pt2"
    precisions: tuple[Precision, ...] = ("fp32",)

    def write(self, network: OneWay, path: Path, calibration: Sequence[Array]) -> None:
        """Write the file, without example inputs and without paths of the machine it is traced on."""
        program = torch.export.export(network, (network.example(),), dynamic_shapes=network.dynamic_shapes())
        for node in program.graph.nodes:
            node.meta.pop("stack_trace", None)
        program.example_inputs = None
        torch.export.save(program, path, extra_files={EXTRA_FILE: network.usage.model_dump_json()})

    def open(self, path: Path) -> Run:
        """The loaded program."""
        module = torch.export.load(path).module()
        return lambda batch: module(torch.from_numpy(batch)).numpy()
