"""Protocols fix the data, size, crop, colour and metrics of an evaluation, so that numbers are comparable.

Each is a TOML file in this folder, such as `cuhk-88-100.toml`.
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
    """The size and colour in which the images of a pair are compared."""

    width: int
    height: int
    fit: Fit
    gray: bool

    def reference(self, image: Image.Image) -> Image.Image:
        """Fit a reference into the frame."""
        size = (self.width, self.height)
        if self.fit == "crop":
            return self._coloured(ImageOps.fit(image, size, Image.Resampling.BICUBIC))
        return self._coloured(image.resize(size, Image.Resampling.BICUBIC))

    def generated(self, image: Image.Image, reference: Image.Image) -> Image.Image:
        """Fit a generated image: like its reference if it has the same size, else by resizing alone."""
        if image.size == reference.size:
            return self.reference(image)
        return self._coloured(image.resize((self.width, self.height), Image.Resampling.BICUBIC))

    def _coloured(self, image: Image.Image) -> Image.Image:
        return image.convert("L" if self.gray else "RGB")


class Protocol(BaseModel):
    """Everything that a protocol fixes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    source: str
    train: int
    test: int
    lists: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """`list_digest` of the data set. Empty if papers name no files: then only pairs are counted."""
    width: int
    height: int
    fit: Fit
    colour: Literal["rgb", "gray"]
    metrics: tuple[str, ...]

    @property
    def frame(self) -> Frame:
        """Size, fit and colour."""
        return Frame(self.width, self.height, self.fit, self.colour == "gray")

    @property
    def digest(self) -> str:
        """SHA-256 over all that is fixed: lists, numbers, size, fit, colour, the variant of each metric."""
        variants = {name: registry.find("metrics", name).variant for name in self.metrics}
        fixed = self.model_dump(mode="json", exclude={"title", "source"}) | {"metrics": variants}
        return hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()

    @property
    def label(self) -> str:
        """Name and start of the digest, with a note if only the numbers of pairs are checked."""
        return f"protocol {self.name} {self.digest[:8]}" + ("" if self.lists else " (numbers of pairs only)")

    def mismatches(self, manifest: Manifest) -> list[str]:
        """How a data set differs from the protocol's; empty if it does not.

        Pairs held out of its training list as the split `val` count as train. Where only numbers are checked,
        so do those that `s2f prepare` left out as duplicates.
        """
        mismatches = []
        training = len(manifest.pairs("train")) + len(manifest.pairs("val"))
        listed = {
            "train": training + manifest.header.duplicates_left_out("train", "val"),
            "test": len(manifest.pairs("test")),
        }
        for split, count in (("train", self.train), ("test", self.test)):
            if listed[split] != count:
                mismatches.append(f"{listed[split]} pairs in {split}, not {count}")
        if not mismatches and self.lists and list_digest(manifest) != self.lists:
            mismatches.append("other names in train and test")
        return mismatches


def names() -> list[str]:
    """The names of the protocols, sorted."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


def find(name: str) -> Protocol:
    """Look up a protocol by name. Raises DataError, with all names as the hint, if there is none."""
    if name not in names():
        raise DataError(f"there is no protocol {name!r}", did_you_mean(name, names()))
    table = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Protocol(name=name, **table)


def list_digest(manifest: Manifest) -> str:
    """SHA-256 over the split and name of every pair, with `val` as a part of `train`.

    It does not depend on the images.
    """
    listed = [(split, entry.name) for split in manifest.splits() for entry in manifest.pairs(split)]
    lines = sorted(("train" if split == "val" else split, name) for split, name in listed)
    return hashlib.sha256("".join(f"{split} {name}\n" for split, name in lines).encode()).hexdigest()
