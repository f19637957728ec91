"""The page as a folder of files for any static host, and its configuration."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from s2f_cli.core.errors import ExportError
from s2f_cli.core.files import atomic_write
from s2f_cli.faces.geometry import PRESETS
from s2f_cli.faces.manual_eyes import eye_centres
from s2f_cli.inference.usage import describe_conditions
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain, other

PAGE = Path(__file__).parent / "page"
RUNTIME = "ort"
"""Folder of ONNX Runtime Web, relative to the page."""
MODELS = "models"
"""Folder of the models, relative to the page."""
CONFIG = "page.json"
DETECTOR = "blazeface.onnx"
"""The network that finds faces, relative to the page; `tests/benchmarks/blazeface_onnx.py` writes it."""
_SERVICE_WORKER = "sw.js"
_NO_FILES = '{ version: "", files: [] }'
"""What the service worker has in place of the files to keep."""
_OPTIONAL = "webgpu"
"""The runtime for browsers with WebGPU; it is kept for use without a network only where it is used."""

PageEngine = Literal["browser", "server"]
"""Where the page runs its models."""


def describe(card: Card, name: str, to: Domain, largest_face: int | None) -> dict[str, Any]:
    """Describe a direction of a model, for the page and `GET /models`.

    `largest_face` is the width up to which faces gain detail, in pixels; None without refinements.
    """
    recipe = card.recipe
    return {
        "name": name,
        "source": other(to),
        "to": to,
        "size": recipe.image.side(other(to)),
        "conditions": [each.model_dump() for each in describe_conditions(recipe.conditions)],
        "alignment": _alignment(card),
        "largest_face": largest_face,
        "title": recipe.title,
        "data": card.data,
        "licence": card.licence,
        "notes": card.notes,
    }


def _alignment(card: Card) -> dict[str, Any] | None:
    """The size of an aligned face, and the centres of its eyes; None if the model's faces are not aligned."""
    preset = PRESETS.get(card.alignment)
    if preset is None:
        return None
    left, right = eye_centres(preset)
    return {"width": preset.width, "height": preset.height, "left": left, "right": right}


def config(
    engine: PageEngine, models: Sequence[Mapping[str, Any]], runtime: Mapping[str, int] | None = None
) -> str:
    """The text of `page.json`: where the models run, their descriptions, and the bytes of other large files.

    Args:
        engine: Where the models run.
        models: Their descriptions from `describe`.
        runtime: The bytes of the files of ONNX Runtime Web, by their paths in the page; only for `browser`.
    """
    content: dict[str, Any] = {"engine": engine, "models": models}
    if runtime is not None:
        content |= {"runtime": runtime, "detector": (PAGE / DETECTOR).stat().st_size}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def check_folder(folder: Path) -> None:
    """Raise ExportError for a folder with the page of something else."""
    page = folder / "index.html"
    if not page.is_file() or (folder / CONFIG).exists():
        return
    if page.read_bytes() != (PAGE / page.name).read_bytes():  # equal: an export was interrupted
        raise ExportError(f"{page} is not a page of s2f, so s2f does not replace it", "choose another folder")


def write(folder: Path, models: Sequence[Mapping[str, Any]], runtime: Mapping[str, bytes]) -> None:
    """Write the page to a folder that holds the models already.

    Args:
        folder: The folder of the page.
        models: The description of each direction from `describe`, with `file` (relative to the folder),
            `bytes` and, for a model with refinements, `detail` with its `file`, `bytes` and `multiple`.
        runtime: The files of ONNX Runtime Web by name.

    Raises:
        S2FError: The folder cannot be written.
    """
    files = {source.name: source.read_bytes() for source in sorted(PAGE.iterdir())}
    libraries = {f"{RUNTIME}/{name}": content for name, content in runtime.items()}
    sizes = {name: len(content) for name, content in libraries.items()}
    files |= libraries | {CONFIG: config("browser", models, sizes).encode()}
    described = [*models, *(model["detail"] for model in models if "detail" in model)]
    contents = files | {model["file"]: (folder / model["file"]).read_bytes() for model in described}
    kept = ["./", *(name for name in contents if name != _SERVICE_WORKER and _OPTIONAL not in name)]
    site = json.dumps({"version": _version(contents), "files": kept})
    files[_SERVICE_WORKER] = files[_SERVICE_WORKER].replace(_NO_FILES.encode(), site.encode())
    for name, content in files.items():
        atomic_write(folder / name, content)


def _version(contents: Mapping[str, bytes]) -> str:
    """A hash of the files of a page."""
    total = hashlib.sha256()
    for name, content in sorted(contents.items()):
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:16]
