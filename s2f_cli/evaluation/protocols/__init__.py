"""Named protocols: which lists, which size, crop and colour, which metrics, so that numbers can be compared.

Each is a TOML file in this folder, `cuhk-88-100.toml` for one.
"""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from PIL import Image, ImageOps
from pydantic import BaseModel, ConfigDict, Field

from s2f_cli.core import registry
from s2f_cli.core.errors import DataError
from s2f_cli.core.images import Fit
from s2f_cli.core.registry import did_you_mean
from s2f_cli.data.manifest import Manifest

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Frame:
    """How both images of a pair are brought to one size and colour before they are compared."""

    width: int
    height: int
    fit: Fit
    gray: bool

    def truth(self, image: Image.Image) -> Image.Image:
        """A reference in the frame."""
        size = (self.width, self.height)
        if self.fit == "crop":
            return self._coloured(ImageOps.fit(image, size, Image.Resampling.BICUBIC))
        return self._coloured(image.resize(size, Image.Resampling.BICUBIC))

    def generated(self, image: Image.Image, reference: Image.Image) -> Image.Image:
        """A generated image in the frame: framed like its reference if it has its size, else only resized."""
        if image.size == reference.size:
            return self.truth(image)
        return self._coloured(image.resize((self.width, self.height), Image.Resampling.BICUBIC))

    def _coloured(self, image: Image.Image) -> Image.Image:
        return image.convert("L" if self.gray else "RGB")


class Protocol(BaseModel):
    """What a protocol fixes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    source: str
    train: int
    test: int
    lists: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """`list_digest` of the data set; empty where papers name no files: then only numbers are checked."""
    width: int
    height: int
    fit: Fit
    colour: Literal["rgb", "gray"]
    metrics: tuple[str, ...]

    @property
    def frame(self) -> Frame:
        """The frame in which images are compared."""
        return Frame(self.width, self.height, self.fit, self.colour == "gray")

    @property
    def digest(self) -> str:
        """SHA-256 over all that it fixes: lists, numbers, size, fit, colour, what exactly each metric is."""
        variants = {name: registry.find("metrics", name).variant for name in self.metrics}
        fixed = self.model_dump(mode="json", exclude={"title", "source"}) | {"metrics": variants}
        return hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()

    @property
    def label(self) -> str:
        """Its name and the start of its digest, and whether it knows lists or only numbers of pairs."""
        return f"protocol {self.name} {self.digest[:8]}" + ("" if self.lists else " (numbers of pairs only)")

    def mismatches(self, manifest: Manifest) -> list[str]:
        """What of a data set is not as the protocol has it; empty when it fits."""
        wrong = []
        for split, count in (("train", self.train), ("test", self.test)):
            found = len(manifest.pairs(split))
            if found != count:
                wrong.append(f"{found} pairs in {split}, not {count}")
        if not wrong and self.lists and list_digest(manifest) != self.lists:
            wrong.append("other names in train and test")
        return wrong


def names() -> list[str]:
    """The names of the protocols, sorted."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


def find(name: str) -> Protocol:
    """The protocol of a name; raises DataError, with all names, when there is none."""
    if name not in names():
        raise DataError(f"there is no protocol {name!r}", did_you_mean(name, names()))
    table = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Protocol(name=name, **table)


def list_digest(manifest: Manifest) -> str:
    """SHA-256 over the split and name of every pair: equal for equal lists, whatever the images."""
    lines = [f"{split} {entry.name}\n" for split in manifest.splits() for entry in manifest.pairs(split)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
