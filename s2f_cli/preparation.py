"""From the items of a source to a data set on disk: names, splits, files, hashes, the manifest.

A data set is made in a temporary folder beside its place and takes that place when it is whole: what stood
there before survives any failure.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from PIL import ExifTags, Image

from s2f_cli import images, parts
from s2f_cli.errors import DataError, S2FError
from s2f_cli.images import Domain, Fit
from s2f_cli.items import Item, LeftOut, Picture, Source
from s2f_cli.manifest import FILE, Entry, Header, Manifest
from s2f_cli.sketching import sketch

_UNSAFE = re.compile(r"[^\w.\- +()@,=]|^\.")


@dataclass(frozen=True)
class Settings:
    """How any source is prepared; the fields are options of every `s2f prepare NAME`."""

    size: Annotated[int | None, "Resize every image to a square of this many pixels."] = None
    fit: Annotated[Fit, "How an oblong image becomes a square: cut to its centre, or squash it."] = "crop"
    test_share: Annotated[float, "The share of people in the test split, where no published list says."] = 0.2
    seed: Annotated[int, "The seed of everything random."] = 0
    sketcher: Annotated[str, "Draw the missing sketch of every face with this sketcher, `dodge` for one."] = (
        ""
    )

    def __post_init__(self) -> None:
        if self.sketcher:
            parts.find("sketchers", self.sketcher)
        if not 0 <= self.test_share < 1:
            raise DataError(
                f"--test-share {self.test_share} is not a share", "give a number from 0 to below 1"
            )
        if self.size is not None and not 8 <= self.size <= 8192:
            raise DataError(f"--size {self.size} is out of range", "give 8 to 8192 pixels")


class Preparation:
    """One run of `s2f prepare`: `plan()`, then `run()` to its end, then `finish()`."""

    def __init__(self, source: Source, output: Path, settings: Settings, command: str = "") -> None:
        self.source, self.output, self.settings, self.command = source, output, settings, command
        self.left_out: dict[str, str] = {}
        self.items: list[Item] = []
        self._entries: list[Entry] = []
        self._workshop = output.parent / f".{output.name}.preparing"

    def check_output(self, overwrite: bool) -> None:
        """Raises DataError when the output folder is taken, unless it is a data set that may be replaced."""
        if not self.output.exists() or (self.output.is_dir() and not any(self.output.iterdir())):
            return
        if not (self.output / FILE).is_file():
            raise DataError(
                f"{self.output} exists and is not a data set of s2f, so it is left alone",
                "choose another folder with --output",
            )
        if not overwrite:
            raise DataError(
                f"{self.output} already holds a data set",
                "replace it with --overwrite, or choose another folder with --output",
            )

    def plan(self) -> None:
        """List the source and give every item its name and split. Raises DataError when it has no items."""
        taken: dict[str, str] = {}
        for found in self.source.items():
            if isinstance(found, LeftOut):
                self.left_out[found.name] = found.reason
                continue
            name = safe_name(found.name)
            if name.casefold() in taken:
                self.left_out[found.name] = (
                    f"{taken[name.casefold()]!r} has the same name, but for its case or signs"
                )
                continue
            taken[name.casefold()] = found.name
            self.items.append(found)
        if not self.items:
            raise DataError(
                f"the source {self.source.name!r} has no images that can be used", self.source.layout
            )
        self._splits = split_by_person(self.items, self.settings.test_share, self.settings.seed)

    def run(self) -> Iterator[str]:
        """Make every image, yielding each item's name when it is done; a bad one lands in `left_out`."""
        shutil.rmtree(self._workshop, ignore_errors=True)
        for item in self.items:
            try:
                entry = make(item, self._splits[item.identity], self._workshop, self.settings)
                self._entries.append(entry)
            except S2FError as problem:
                self.left_out[item.name] = problem.message
            yield item.name

    def finish(self) -> Manifest:
        """Write the manifest, put the data set in its place. Raises DataError when no image could be used."""
        if not self._entries:
            shutil.rmtree(self._workshop, ignore_errors=True)
            reason = next(iter(self.left_out.values()))
            raise DataError(f"none of the {len(self.items)} items could be used, the first because: {reason}")
        header = Header(
            source=self.source.name,
            homepage=self.source.homepage,
            licence=self.source.licence,
            command=self.command,
            split=self._split_rule(),
            left_out=self.left_out,
        )
        Manifest(self._workshop, header, self._entries).write()
        replace_folder(self._workshop, self.output)
        return Manifest(self.output, header, self._entries)

    def _split_rule(self) -> str:
        random_rule = f"random by person, test share {self.settings.test_share:g}, seed {self.settings.seed}"
        rule = self.source.split_rule()
        listed = sum(bool(item.split) for item in self.items)
        if not rule or not listed:
            return random_rule
        return rule if listed == len(self.items) else f"{rule}; names not on that list {random_rule}"


def safe_name(name: str) -> str:
    """A name that is a file name on every system: signs that are not become `_`."""
    return _UNSAFE.sub("_", name)[:120]


def split_by_person(items: list[Item], test_share: float, seed: int) -> dict[str, str]:
    """The split of every identity: the published one where an item has it, else random, exact in its share.

    People are ranked by a hash of the seed and their identity, so that the order of the files does not
    matter; at least one person is tested when there are two and the share is above 0.
    """
    splits = {item.identity: item.split for item in items if item.split}
    free = {item.identity for item in items} - splits.keys()
    ranked = sorted(free, key=lambda identity: hashlib.sha256(f"{seed}\0{identity}".encode()).digest())
    tested = min(max(round(test_share * len(ranked)), int(test_share > 0)), len(ranked) - 1)
    return splits | {identity: "test" if rank < tested else "train" for rank, identity in enumerate(ranked)}


def make(item: Item, split: str, folder: Path, settings: Settings) -> Entry:
    """Write an item's images below `folder` and return its entry; raises ImageError for a bad file."""
    made = {domain: load(picture, settings) for domain, picture in item.pictures.items()}
    sketcher = item.sketcher or settings.sketcher
    if sketcher and "sketch" not in made and "face" in made:
        made["sketch"] = Made(sketch(made["face"].image, sketcher, settings.seed, item.name))
    files: dict[Domain, str] = {}
    hashes: dict[Domain, str] = {}
    for domain, one in made.items():
        data, suffix = one.content()
        file = Path(split, domain, safe_name(item.name) + suffix)
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(data)
        files[domain], hashes[domain] = file.as_posix(), hashlib.sha256(data).hexdigest()
    return Entry(
        name=safe_name(item.name),
        split=split,
        identity=item.identity,
        files=files,
        sha256=hashes,
        attributes=dict(item.attributes),
    )


@dataclass(frozen=True)
class Made:
    """An image as it goes into the data set; `source` is the file to copy when nothing has changed."""

    image: Image.Image
    source: Path | None = None

    def content(self) -> tuple[bytes, str]:
        """The bytes and the suffix to store: the file's own where it can be copied, a PNG otherwise."""
        suffix = as_it_is(self.source) if self.source is not None else ""
        if self.source is not None and suffix:
            return self.source.read_bytes(), suffix
        return images.encode(self.image), ".png"


def load(picture: Picture, settings: Settings) -> Made:
    """The image of a picture at the size asked for; raises ImageError for a bad file."""
    image = images.read(picture) if isinstance(picture, Path) else picture()
    if settings.size is not None:
        return Made(images.fit(image, settings.size, settings.fit))
    return Made(image, picture if isinstance(picture, Path) else None)


def as_it_is(file: Path) -> str:
    """`.png` or `.jpg` when the file is an upright, 8-bit, gray or RGB image of that format, or ``."""
    with Image.open(file) as opened:
        plain = (
            opened.mode in ("L", "RGB")
            and "transparency" not in opened.info
            and getattr(opened, "n_frames", 1) == 1
            and opened.getexif().get(ExifTags.Base.Orientation, 1) == 1
        )
        return {"PNG": ".png", "JPEG": ".jpg"}.get(opened.format or "", "") if plain else ""


def replace_folder(new: Path, place: Path) -> None:
    """Put the folder `new` at `place`; what stood there is removed only when the new one stands."""
    old = place.parent / f".{place.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
