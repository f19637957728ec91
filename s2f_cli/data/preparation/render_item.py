"""From one item to its files and its entry: the function that runs on every core."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from s2f_cli.core import formats, images, pixels
from s2f_cli.core.errors import ImageError, reason_of
from s2f_cli.core.parallel import Stop
from s2f_cli.data import manifest
from s2f_cli.data.manifest import Alignment, Entry
from s2f_cli.data.preparation.ledger import RenderedItem, StoredImage
from s2f_cli.data.preparation.selection import safe_name
from s2f_cli.data.preparation.settings import PrepareSettings
from s2f_cli.data.sketching import Style, find_style, sketch
from s2f_cli.data.source import Item
from s2f_cli.faces import align
from s2f_cli.faces.geometry import Transform
from s2f_cli.faces.manual_eyes import Eyes
from s2f_cli.models.domains import Domain

THUMBNAIL = 16
"""The side of the thumbnails for near-duplicate detection, in pixels."""


@dataclass(frozen=True)
class RenderJob:
    """An item and its split."""

    item: Item
    split: str
    eyes: Mapping[Domain, Eyes] = field(default_factory=dict)
    """The eyes found by hand, for images that have them."""


@dataclass(frozen=True)
class _Rendered:
    image: Image.Image
    source: Path | None = None
    """The file to copy, if it needs no change."""
    alignment: Alignment | None = None

    def content(self) -> tuple[bytes, str]:
        """The bytes and the suffix to store."""
        suffix = plain_suffix(self.source) if self.source is not None else ""
        if self.source is not None and suffix:
            return self.source.read_bytes(), suffix
        return images.encode(self.image), ".png"


def render(
    settings: PrepareSettings, folder: Path, job: RenderJob, styles: Mapping[str, Style] | None = None
) -> RenderedItem:
    """Write an item's images to SPLIT/DOMAIN/NAME.* below `folder`.

    A file that needs no change is copied byte for byte; all others become PNGs. The item's sketcher is one of
    the `styles`, by key, or a part.

    Raises ImageError, naming the file, if it cannot be read or has no face, and Stop if `folder` cannot be
    written.
    """
    item = job.item
    domains = [domain for domain in item.images if settings.only in ("both", domain)]
    rendered = {domain: _load(job, domain, settings) for domain in domains}
    if item.sketcher and "sketch" not in item.images:
        face = rendered["face"] if "face" in rendered else _load(job, "face", settings)
        style = (styles or {}).get(item.sketcher) or find_style(item.sketcher)
        rendered["sketch"] = _Rendered(sketch(face.image, style.sketcher, settings.seed, item.name))
    name = safe_name(item.name)
    stored: dict[Domain, StoredImage] = {}
    for domain, result in rendered.items():
        data, suffix = result.content()
        file = f"{job.split}/{domain}/{name}{suffix}"
        _write(folder / file, data)
        digest = hashlib.sha256(data).digest()
        stored[domain] = StoredImage(domain, file, len(data), digest, thumbnail(result.image))
    entry = Entry(
        name=name,
        split=job.split,
        identity=item.identity,
        files={domain: image.file for domain, image in stored.items()},
        sha256={domain: image.digest.hex() for domain, image in stored.items()},
        attributes={**item.attributes, **({"part": item.part} if item.part else {})},
        alignment={domain: result.alignment for domain, result in rendered.items() if result.alignment},
    )
    return RenderedItem(job.split, stamp(item), manifest.to_line(entry), list(stored.values()))


def stamp(item: Item) -> str:
    """The sizes and modification times of an item's files, to notice changes; a missing file counts as 0."""
    files = [image for _, image in sorted(item.images.items()) if isinstance(image, Path)]
    return " ".join(map(_version, files))


def _version(file: Path) -> str:
    try:
        status = file.stat()
    except OSError:
        return "0"
    return f"{status.st_size}:{status.st_mtime_ns}"


def _write(file: Path, data: bytes) -> None:
    try:
        try:
            file.write_bytes(data)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    except OSError as problem:
        raise Stop(
            f"cannot write {file}: {reason_of(problem)}",
            "free some space and repeat the command to resume",
        ) from None


def _load(job: RenderJob, domain: Domain, settings: PrepareSettings) -> _Rendered:
    """Load an image of the item, aligned or resized as the settings say."""
    origin = job.item.images[domain]
    source = origin if isinstance(origin, Path) else None
    image = images.read(origin) if isinstance(origin, Path) else origin()
    align_settings = settings.align_settings()
    if align_settings is not None:
        try:
            aligned = align.align(image, align_settings, job.eyes.get(domain))[0]
        except ImageError as problem:
            raise ImageError(f"{source or 'its image'}: {problem.message}", problem.hint) from None
        return _Rendered(aligned.image, None, Alignment.model_validate(aligned.record()))
    if settings.size is not None and image.size != (settings.size, settings.size):
        image, source = images.fit(image, settings.size, settings.fit), None
    finds_eyes = settings.find_eyes and domain == "face"
    return _Rendered(image, source, _found_in(image) if finds_eyes else None)


def _found_in(image: Image.Image) -> Alignment | None:
    """The largest face of an image that is stored as it is; None if none is found."""
    face = align.find_largest(image)
    if face is None:
        return None
    in_place = Transform((1, 0, 0, 0, 1, 0), image.width, image.height)
    return Alignment.model_validate({**vars(face), **vars(in_place)})


def plain_suffix(file: Path) -> str:
    """`.png` or `.jpg` for an upright, 8-bit, gray or RGB image of that format, else an empty string."""
    with formats.opened(file) as opened:
        plain = (
            opened.mode in ("L", "RGB")
            and "transparency" not in opened.info
            and getattr(opened, "n_frames", 1) == 1
            and pixels.orientation(opened) == 1
        )
        return {"PNG": ".png", "JPEG": ".jpg"}.get(opened.format or "", "") if plain else ""


def thumbnail(image: Image.Image) -> bytes | None:
    """Shrink an image to THUMBNAIL × THUMBNAIL gray levels; None if it has no contrast."""
    small = image.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BILINEAR, reducing_gap=2.0).convert("L")
    low, high = small.getextrema()
    return small.tobytes() if low != high else None
