"""Models as sketchers: what draws the missing sketches of a data set, by the names that users write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from s2f_cli.core import registry
from s2f_cli.core.errors import MissingPart, S2FError
from s2f_cli.data import sketching
from s2f_cli.data.sketching import Style

if TYPE_CHECKING:
    from s2f_cli.inference.translator import Translator


def find_styles(sketchers: str) -> tuple[Style, ...]:
    """The styles that a comma-separated list of sketchers and models names, such as `xdog,face-to-sketch`.

    A model is a name of `s2f models`, a run folder, or a model file. It sees whole photos, as
    `s2f translate --align none` does, in one thread of the CPU.

    Raises MissingPart for an unknown name, BundleError for a file that is no model or draws no sketches,
    RunError for a folder without a model.
    """
    return sketching.find_styles(sketchers, _of_model)


@dataclass(frozen=True)
class ModelSketcher:
    """Draws with a model, which each process loads once."""

    file: Path
    version: str
    """The SHA-256 of the file."""

    def __call__(self, photo: Image.Image, seed: int) -> Image.Image:
        """Translate a photo (`L` or `RGB`) to a sketch (`L`) of its size."""
        translator = _open(self.file, self.version)
        with _one_thread():
            (sketch,) = translator.translate([photo], "sketch", seed=seed % 2**32)
        return sketch.convert("L")


def _of_model(text: str) -> list[Style]:
    from s2f_cli.models import locate, zoo

    try:
        file = locate.locate(text).resolve()
    except S2FError as problem:
        if Path(text).exists():
            raise
        known = [*registry.names("sketchers"), *(model.name for model in zoo.models())]
        raise MissingPart(
            f"there is no sketcher or model {text!r}", registry.did_you_mean(text, known)
        ) from problem
    version = zoo.sha256(file)
    _open(file, version).require("sketch")
    name = file.parent.name if file.name == locate.BUNDLE else file.stem
    return [Style(name, ModelSketcher(file, version), text, version)]


@lru_cache(maxsize=2)
def _open(file: Path, version: str) -> "Translator":
    """The model of a file; `version` makes sure that it is not an earlier one."""
    from s2f_cli.inference.translator import Translator

    return Translator.open(file, "cpu")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Leave the other cores to the other processes; results then do not depend on the number of threads."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
