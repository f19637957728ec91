"""Metadata of image files: XMP, EXIF and colour profiles, as they are written, and as they are kept."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from PIL import ExifTags, Image, PngImagePlugin

from s2f_cli.core import formats, xmp
from s2f_cli.core.marks import Mark

KINDS = ("PNG", "JPEG", "WEBP", "TIFF", "AVIF", "SVG")
"""The formats (`formats.kind_of`) in which s2f writes metadata."""

_XMP_TAG = 700
_DATES = (
    *(ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTimeDigitized),
    *(ExifTags.Base.OffsetTime, ExifTags.Base.OffsetTimeOriginal, ExifTags.Base.OffsetTimeDigitized),
    *(ExifTags.Base.SubsecTime, ExifTags.Base.SubsecTimeOriginal, ExifTags.Base.SubsecTimeDigitized),
)
"""The tags of the Exif block that say when a photo was taken."""


@dataclass(frozen=True)
class Metadata:
    """What is written into an image file besides its pixels."""

    mark: Mark | None = None
    """Whether a model made the image, and which one."""
    exif: bytes = b""
    """A TIFF structure."""
    icc: bytes = b""
    """A profile of RGB, to whose colours those of the image are converted."""

    @property
    def properties(self) -> Mapping[str, str]:
        """The mark as properties of XMP."""
        return self.mark.properties if self.mark else {}

    def prepared(
        self, image: Image.Image, kind: str, properties: Mapping[str, str]
    ) -> tuple[Image.Image, dict[str, Any]]:
        """The image to save, and the options of `Image.save`; none for a format not in `KINDS`.

        `properties` of XMP are written besides those of the mark.
        """
        if kind not in KINDS:
            return image, {}
        packet = xmp.packet({**self.properties, **properties})
        image, profile = _with_profile(image, self.icc)
        options: dict[str, Any] = {"icc_profile": profile} if profile else {}
        if kind == "TIFF" and (packet or self.exif):
            tags = Image.Exif()
            tags.load(self.exif)
            if packet:
                tags[_XMP_TAG] = packet
            return image, options | {"exif": tags}
        if self.exif:
            options["exif"] = self.exif
        if packet and kind == "PNG":
            options["pnginfo"] = PngImagePlugin.PngInfo()
            options["pnginfo"].add_itxt("XML:com.adobe.xmp", packet.decode())
        elif packet:
            options["xmp"] = packet
        return image, options


def of_photo(source: Path | BinaryIO) -> Metadata:
    """The date, the place and the profile of a photo; empty where the file has none, or they are broken."""
    try:
        with formats.opened(source) as opened:
            return Metadata(
                exif=_date_and_place(opened.getexif()), icc=_rgb_profile(opened.info.get("icc_profile"))
            )
    except Exception:  # Pillow's parsers of metadata raise many kinds
        return Metadata()


def _with_profile(image: Image.Image, profile: bytes) -> tuple[Image.Image, bytes]:
    """Convert an sRGB image of mode `RGB` to the colours of a profile; returns it with the profile.

    An image of another mode, or a profile that cannot be written to, gives the image without a profile.
    """
    from PIL import ImageCms

    if image.mode != "RGB" or not profile:
        return image, b""
    try:
        target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), target)
    except ImageCms.PyCMSError:
        return image, b""
    return (image, b"") if converted is None else (converted, profile)


def _date_and_place(exif: Image.Exif) -> bytes:
    kept = Image.Exif()
    if ExifTags.Base.DateTime in exif:
        kept[ExifTags.Base.DateTime] = exif[ExifTags.Base.DateTime]
    block = exif.get_ifd(ExifTags.IFD.Exif)
    if dates := {tag: block[tag] for tag in _DATES if tag in block}:
        kept[ExifTags.IFD.Exif] = dates
    if place := exif.get_ifd(ExifTags.IFD.GPSInfo):
        kept[ExifTags.IFD.GPSInfo] = dict(place)
    return kept.tobytes() if len(kept) else b""


def _rgb_profile(profile: Any) -> bytes:
    """A profile of a device with red, green and blue (bytes 16 to 19 of its header); none for another."""
    return profile if isinstance(profile, bytes) and profile[16:20] == b"RGB " else b""
