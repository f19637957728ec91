"""A web page that runs the model in the browser, for any static host."""

import gzip
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from s2f_cli.core.files import atomic_write
from s2f_cli.export.condition_vectors import ConditionVectors
from s2f_cli.export.contract import ExportedNetwork, Inputs, Runner
from s2f_cli.export.formats._half_storage import halve
from s2f_cli.export.formats._onnx import OnnxFile, runner
from s2f_cli.export.parity import LIMITS
from s2f_cli.export.stored import StoredNetwork
from s2f_cli.inference.detail import LARGEST_FACE
from s2f_cli.inference.usage import ExportPrecision, Usage
from s2f_cli.models.domains import Domain
from s2f_cli.web import runtime, site
from s2f_cli.web.space import write as write_space

if TYPE_CHECKING:
    from s2f_cli.export.network import DirectionNetwork

__all__ = ["Web"]


class Web(OnnxFile):
    """A folder with `index.html`, ONNX Runtime Web, and each direction as a compressed ONNX file in `models`.

    A model with refinements has a second file there, which adds their detail. Images never leave the browser:
    the Content-Security-Policy allows only the page's own host, and the page requests only its own files.
    """

    suffix = ".onnx.gz"
    models = site.MODELS
    folds = False
    takes_graphs = True

    def __init__(self) -> None:
        self._runtime: Mapping[str, bytes] = {}
        self._details: dict[tuple[str, Domain], tuple[bytes, int]] = {}

    def begin(self, folder: Path, package: Path | None) -> None:
        """Fetch ONNX Runtime Web; raises ExportError as `site.check_folder` and `runtime.read` do."""
        site.check_folder(folder)
        self._runtime = runtime.read(package)

    def write(
        self, network: "DirectionNetwork | StoredNetwork", path: Path, calibration: Sequence[Inputs]
    ) -> None:
        """Write the file of a direction, and keep that of its refinement until `finish`.

        Raises as `OnnxFile.write`, and ValueError if the refinement differs from the model's.
        """
        if isinstance(network, StoredNetwork):
            network.save(path)
        else:
            super().write(network, path, calibration)
        _compress(path)
        refinement = network.refinement()
        if refinement is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "detail"
            precision: ExportPrecision = "fp16" if network.usage.precision == "fp16" else "fp32"
            if isinstance(refinement, StoredNetwork):
                refinement.save(file)
            else:
                from s2f_cli.export.formats._onnx_program import save

                save(refinement, file, precision, self.folds)
            _compress(file)
            _compare(refinement, self.open(file), LIMITS[precision])
            self._details[_key(network.usage)] = file.read_bytes(), refinement.usage.multiple

    def open(self, path: Path) -> Runner:
        """Open a session of ONNX Runtime on the CPU."""
        return runner(gzip.decompress(path.read_bytes()))

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
            file = path.with_name(f"{path.name.removesuffix(self.suffix)}.detail{self.suffix}")
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


def _compress(file: Path) -> None:
    """Compress an ONNX file whose weights are stored in half precision where that is exact."""
    halve(file)
    file.write_bytes(gzip.compress(file.read_bytes(), mtime=0))


def _compare(refinement: ExportedNetwork, run: Runner, limit: float) -> None:
    """Raise ValueError if the file of a refinement differs from it on random numbers."""
    usage = refinement.usage
    step = usage.multiple if usage.any_size else 0
    shape = 2, usage.channels_in + usage.channels_out, usage.size + step, usage.size + 2 * step
    image = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    inputs = ConditionVectors(usage.card.recipe.conditions).beside(image)
    difference = np.abs(refinement.run(*inputs) - run(*inputs)).max()
    if not difference <= limit:
        raise ValueError(f"its refinement differs from the model by {difference:.3g}, more than {limit:g}")
