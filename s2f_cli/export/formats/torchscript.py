"""TorchScript, for LibTorch (C++), mobile and PyTorch without s2f."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import torch

from s2f_cli.export.contract import Inputs, Runner
from s2f_cli.export.network import DirectionNetwork
from s2f_cli.inference.usage import EXTRA_FILE, ExportPrecision

__all__ = ["TorchScript"]


class TorchScript:
    """A traced module for `torch.jit.load`, with its usage in the extra file `s2f.json`.

    It is not frozen, so users can move it to a GPU or to half precision.
    """

    suffix = ".torchscript"
    precisions: tuple[ExportPrecision, ...] = ("fp32",)
    takes_graphs = False

    def write(self, network: DirectionNetwork, path: Path, calibration: Sequence[Inputs]) -> None:
        """Write the file."""
        with torch.no_grad():
            traced = torch.jit.trace(network, network.example(), check_trace=False)
        torch.jit.save(traced, str(path), _extra_files={EXTRA_FILE: network.usage.model_dump_json()})
        _drop_source_paths(path)

    def open(self, path: Path) -> Runner:
        """Load the module on the CPU."""
        module = torch.jit.load(str(path), map_location="cpu")
        return lambda *inputs: module(*map(torch.from_numpy, inputs)).numpy()


def _drop_source_paths(path: Path) -> None:
    """Remove the debug records, which name folders of this machine."""
    with zipfile.ZipFile(path) as archive:
        files = {
            i.filename: archive.read(i) for i in archive.infolist() if not i.filename.endswith(".debug_pkl")
        }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
