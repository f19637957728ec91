"""A model as a sketcher, in one thread of the CPU, since data sets are prepared in several processes."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from s2f_cli.core import registry
from s2f_cli.core.errors import BundleError, MissingPart, S2FError
from s2f_cli.data.sketching import Style
from s2f_cli.inference.translator import Translator
from s2f_cli.models import locate, zoo
from s2f_cli.models.recipes.conditions import ALL

_STYLE = "style"
"""The condition whose labels are styles; without it, a model's first label is."""
_WITH_STYLE = re.compile(r"(.+):([a-z][a-z0-9-]*)")


@dataclass(frozen=True)
class ModelSketcher:
    """Draws with a model, which each process loads once."""

    file: Path
    version: str
    """The SHA-256 of the file."""
    label: tuple[str, str] | None = None
    """The condition of the style and its label; None if the model has no styles."""

    def __call__(self, photo: Image.Image, seed: int) -> Image.Image:
        """Translate a photo (`L` or `RGB`) to a sketch (`L`) of its size."""
        translator = _open(self.file, self.version)
        given = dict([self.label]) if self.label else None
        (sketch,) = translator.translate([photo], "sketch", seed=seed % 2**32, conditions=given)
        return sketch.convert("L")


def model_styles(text: str) -> list[Style]:
    """The styles that `MODEL` (its default), `MODEL:STYLE` or `MODEL:all` names; raises as `find_styles`."""
    match = _WITH_STYLE.fullmatch(text)
    model, wanted = (match[1], match[2]) if match and not Path(text).exists() else (text, "")
    file = _locate(model)
    version = zoo.sha256(file)
    translator = _open(file, version)
    translator.require("sketch")
    labels = translator.card.recipe.conditions.labels
    if not labels:
        if wanted not in ("", ALL):
            raise S2FError(f"the model {model} has no styles", f"write {model} without :{wanted}")
        return [Style(locate.short_name(file), ModelSketcher(file, version), model, version)]
    condition = _STYLE if _STYLE in labels else next(iter(labels))
    known = labels[condition]
    names = list(known.labels) if wanted == ALL else [known.parse(condition, wanted or known.default)]
    return [
        Style(name, ModelSketcher(file, version, (condition, name)), f"{model}:{name}", version)
        for name in names
    ]


def _locate(model: str) -> Path:
    """The file of a model; raises MissingPart, with the names of all sketchers, for an unknown name."""
    try:
        return locate.locate(model).absolute()
    except BundleError as problem:
        known = [*registry.names("sketchers"), *(named.name for named in zoo.models())]
        hint = registry.did_you_mean(model, known)
        raise MissingPart(f"there is no sketcher or model {model!r}", hint) from problem


@lru_cache(maxsize=2)
def _open(file: Path, version: str) -> Translator:
    """The model of a file; `version` makes sure that it is not an earlier one.

    It computes in one thread, which leaves the other cores to the other processes; results then do not depend
    on the number of cores.
    """
    return Translator.open(file, "cpu", threads=1)
