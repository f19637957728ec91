"""A web page that runs the model in its visitor's browser, for any static host."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from s2f_cli.core import registry
from s2f_cli.export.contract import Array, OneWay, Run
from s2f_cli.inference.exported import ONNX, Precision, Usage
from s2f_cli.web import runtime, site

__all__ = ["Web"]


class Web:
    """A folder with `index.html`, ONNX Runtime Web, and each direction as an ONNX file in `models`.

    Pictures never leave the browser: the page's Content-Security-Policy allows its own host only, and of that
    host it asks for nothing but the page's own files.
    """

    suffix = ONNX
    precisions: tuple[Precision, ...] = ("fp32", "fp16", "int8")
    models = site.MODELS

    def __init__(self) -> None:
        self._onnx: Any = registry.find("exporters", "onnx")()
        self._runtime: Mapping[str, bytes] = {}

    def begin(self, package: Path | None) -> None:
        """Have ONNX Runtime Web at hand; raises ExportError as `runtime.read`."""
        self._runtime = runtime.read(package)

    def write(self, network: OneWay, path: Path, calibration: Sequence[Array]) -> None:
        """Write one direction as the exporter `onnx` does."""
        self._onnx.write(network, path, calibration)

    def open(self, path: Path) -> Run:
        """As the exporter `onnx` does."""
        return self._onnx.open(path)

    def finish(self, folder: Path, written: Mapping[Path, Usage]) -> None:
        """Write the page around the files of its models; raises S2FError when it cannot be written."""
        models = [
            site.about(usage.card, usage.card.recipe.name, usage.to)
            | {"file": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size}
            for path, usage in written.items()
        ]
        site.write(folder, models, self._runtime)
