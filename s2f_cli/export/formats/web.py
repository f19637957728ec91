"""A web page that runs the model in the browser, for any static host."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from s2f_cli.core.files import atomic_write
from s2f_cli.export.contract import DirectionNetwork, Inputs, RefinementNetwork, Runner
from s2f_cli.export.formats._half_storage import halve
from s2f_cli.export.formats._onnx import OnnxFile, save
from s2f_cli.export.parity import LIMITS
from s2f_cli.inference.detail import LARGEST_FACE
from s2f_cli.inference.usage import ExportPrecision, Usage
from s2f_cli.models.domains import Domain
from s2f_cli.web import runtime, site
from s2f_cli.web.space import write as write_space

__all__ = ["Web"]


class Web(OnnxFile):
    """A folder with `index.html`, ONNX Runtime Web, and each direction as an ONNX file in `models`.

    A model with refinements has a second file there, which adds their detail. Images never leave the browser:
    the Content-Security-Policy allows only the page's own host, and the page requests only its own files.
    """

    models = site.MODELS
    folds = False

    def __init__(self) -> None:
        self._runtime: Mapping[str, bytes] = {}
        self._details: dict[tuple[str, Domain], tuple[bytes, int]] = {}

    def begin(self, package: Path | None) -> None:
        """Fetch ONNX Runtime Web; raises ExportError as `runtime.read` does."""
        self._runtime = runtime.read(package)

    def write(self, network: DirectionNetwork, path: Path, calibration: Sequence[Inputs]) -> None:
        """Write the file of a direction, and keep that of its refinement until `finish`.

        Raises as `OnnxFile.write`, and ValueError if the refinement differs from PyTorch's.
        """
        super().write(network, path, calibration)
        halve(path)
        refinement = network.refinement()
        if refinement is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "detail.onnx"
            precision: ExportPrecision = "fp16" if network.usage.precision == "fp16" else "fp32"
            save(refinement, file, precision, self.folds)
            halve(file)
            _compare(refinement, self.open(file), LIMITS[precision])
            self._details[_key(network.usage)] = file.read_bytes(), refinement.usage.multiple

    def finish(self, folder: Path, written: Mapping[Path, Usage], *, space: bool = False) -> None:
        """Write the page around the files of its models; raises S2FError if that fails."""
        models = [self._describe(folder, path, usage) for path, usage in written.items()]
        site.write(folder, models, self._runtime)
        if space:
            write_space(folder, models)

    def _describe(self, folder: Path, path: Path, usage: Usage) -> dict[str, Any]:
        """What the page has to know of a direction; writes the file of its refinement."""
        recorded: dict[str, Any] = {"file": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size}
        detail = self._details.get(_key(usage))
        if detail:
            content, multiple = detail
            file = path.with_suffix(f".detail{self.suffix}")
            atomic_write(file, content)
            recorded["detail"] = {
                "file": file.relative_to(folder).as_posix(),
                "bytes": len(content),
                "multiple": multiple,
            }
        largest = LARGEST_FACE if detail else None
        return site.describe(usage.card, usage.card.recipe.name, usage.to, largest) | recorded


def _key(usage: Usage) -> tuple[str, Domain]:
    return usage.card.recipe.name, usage.to


@torch.inference_mode()
def _compare(refinement: RefinementNetwork, run: Runner, limit: float) -> None:
    """Raise ValueError if the file of a refinement differs from it on random numbers."""
    generator = torch.Generator().manual_seed(0)
    inputs = [2 * torch.rand(value.shape, generator=generator) - 1 for value in refinement.example()]
    difference = np.abs(refinement(*inputs).numpy() - run(*(value.numpy() for value in inputs))).max()
    if not difference <= limit:
        raise ValueError(f"its refinement differs from PyTorch by {difference:.3g}, more than {limit:g}")
