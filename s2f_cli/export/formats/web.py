"""A web page that runs the model in the browser, for any static host."""

from collections.abc import Mapping
from pathlib import Path

from s2f_cli.export.formats._onnx import OnnxFile
from s2f_cli.inference.usage import Usage
from s2f_cli.web import runtime, site

__all__ = ["Web"]


class Web(OnnxFile):
    """A folder with `index.html`, ONNX Runtime Web, and each direction as an ONNX file in `models`.

    Images never leave the browser: the Content-Security-Policy allows only the page's own host, and the page
    requests only its own files.
    """

    models = site.MODELS

    def __init__(self) -> None:
        self._runtime: Mapping[str, bytes] = {}

    def begin(self, package: Path | None) -> None:
        """Fetch ONNX Runtime Web; raises ExportError as `runtime.read` does."""
        self._runtime = runtime.read(package)

    def finish(self, folder: Path, written: Mapping[Path, Usage]) -> None:
        """Write the page around the files of its models; raises S2FError if that fails."""
        models = [
            site.describe(usage.card, usage.card.recipe.name, usage.to)
            | {"file": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size}
            for path, usage in written.items()
        ]
        site.write(folder, models, self._runtime)
