"""One item becomes its files and its entry: the function that runs on every core."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import ExifTags, Image

from s2f_cli.core import images
from s2f_cli.core.errors import ImageError
from s2f_cli.core.images import Domain
from s2f_cli.core.parallel import Stop
from s2f_cli.data import manifest
from s2f_cli.data.manifest import Alignment, Entry
from s2f_cli.data.preparation.ledger import Picture, Record
from s2f_cli.data.preparation.selection import safe_name
from s2f_cli.data.preparation.settings import PrepareSettings
from s2f_cli.data.sketching import sketch
from s2f_cli.data.source import Item
from s2f_cli.faces import align
from s2f_cli.faces.manual_eyes import Eyes

THUMB = 16
"""The side of the thumbnails that near duplicates are told by."""


@dataclass(frozen=True)
class Job:
    """An item, and the split that it goes into."""

    item: Item
    split: str
    eyes: Mapping[Domain, Eyes] = field(default_factory=dict)
    """Of pictures whose eyes were found by hand."""


@dataclass(frozen=True)
class _Made:
    image: Image.Image
    source: Path | None = None
    """The file to copy, when it is already as it should be."""
    alignment: Alignment | None = None

    def content(self) -> tuple[bytes, str]:
        """The bytes and the suffix to store."""
        suffix = as_it_is(self.source) if self.source is not None else ""
        if self.source is not None and suffix:
            return self.source.read_bytes(), suffix
        return images.encode(self.image), ".png"


def make(settings: PrepareSettings, folder: Path, job: Job) -> Record:
    """Write an item's images to SPLIT/DOMAIN/NAME.* below `folder`; the record of it for the ledger.

    A file that is already as it should be is copied byte for byte; all else becomes a PNG. Raises ImageError,
    naming the file, when it cannot be read or has no face, and Stop when `folder` cannot be written.
    """
    item = job.item
    wanted = [d for d in item.pictures if settings.only in ("both", d)]
    made = {domain: _load(job, domain, settings) for domain in wanted}
    sketcher = item.sketcher or settings.sketcher
    if sketcher and settings.only != "face" and "sketch" not in item.pictures:
        face = made["face"] if "face" in made else _load(job, "face", settings)
        made["sketch"] = _Made(sketch(face.image, sketcher, settings.seed, item.name))
    name = safe_name(item.name)
    pictures: dict[Domain, Picture] = {}
    for domain, one in made.items():
        data, suffix = one.content()
        file = f"{job.split}/{domain}/{name}{suffix}"
        _write(folder / file, data)
        digest = hashlib.sha256(data).digest()
        pictures[domain] = Picture(domain, file, len(data), digest, thumb(one.image))
    entry = Entry(
        name=name,
        split=job.split,
        identity=item.identity,
        files={domain: picture.file for domain, picture in pictures.items()},
        sha256={domain: picture.digest.hex() for domain, picture in pictures.items()},
        attributes={**item.attributes, **({"part": item.part} if item.part else {})},
        alignment={domain: one.alignment for domain, one in made.items() if one.alignment},
    )
    return Record(job.split, stamp(item), manifest.line(entry), list(pictures.values()))


def stamp(item: Item) -> str:
    """The sizes and times of an item's files: equal as long as they are not changed; missing ones count 0."""
    files = [picture for _, picture in sorted(item.pictures.items()) if isinstance(picture, Path)]
    return " ".join(map(_version, files))


def _version(file: Path) -> str:
    try:
        found = file.stat()
    except OSError:
        return "0"
    return f"{found.st_size}:{found.st_mtime_ns}"


def _write(file: Path, data: bytes) -> None:
    try:
        try:
            file.write_bytes(data)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    except OSError as problem:
        raise Stop(
            f"cannot write {file}: {problem.strerror or problem}", "make room; the same command then goes on"
        ) from None


def _load(job: Job, domain: Domain, settings: PrepareSettings) -> _Made:
    picture = job.item.pictures[domain]
    source = picture if isinstance(picture, Path) else None
    image = images.read(picture) if isinstance(picture, Path) else picture()
    how = settings.alignment()
    if how is not None:
        try:
            aligned = align.align(image, how, job.eyes.get(domain))[0]
        except ImageError as problem:
            raise ImageError(f"{source or 'its picture'}: {problem.message}", problem.hint) from None
        return _Made(aligned.image, None, Alignment.model_validate(aligned.record()))
    if settings.size is not None and image.size != (settings.size, settings.size):
        return _Made(images.fit(image, settings.size, settings.fit))
    return _Made(image, source)


def as_it_is(file: Path) -> str:
    """`.png` or `.jpg` when the file is an upright, 8-bit, gray or RGB image of that format, else nothing."""
    with Image.open(file) as opened:
        plain = (
            opened.mode in ("L", "RGB")
            and "transparency" not in opened.info
            and getattr(opened, "n_frames", 1) == 1
            and opened.getexif().get(ExifTags.Base.Orientation, 1) == 1
        )
        return {"PNG": ".png", "JPEG": ".jpg"}.get(opened.format or "", "") if plain else ""


def thumb(image: Image.Image) -> bytes | None:
    """An image as THUMB × THUMB gray levels, whatever its size and format; None when it has no contrast."""
    small = image.resize((THUMB, THUMB), Image.Resampling.BILINEAR, reducing_gap=2.0).convert("L")
    low, high = small.getextrema()
    return small.tobytes() if low != high else None
