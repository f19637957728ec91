"""What image files say besides their pixels: marks, dates, places and profiles."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

from s2f_cli.core import images, made_with, marks, metadata, xmp
from s2f_cli.core.marks import COMPOSITE, TRAINED, Mark
from s2f_cli.core.metadata import Metadata

MARK = Mark(TRAINED, 'a "model" & <more>', "0.1.0, step 7", "s2f 9")
PACKET = xmp.packet(MARK.properties)
SUFFIXES = ("png", "jpg", "webp", "tif", "avif")


def mark_of(source: Path | io.BytesIO) -> Mark | None:
    with images.opened(source) as opened:
        return marks.mark_in(xmp.of(opened))


def photo_with_metadata(file: Path, **options: object) -> Path:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "a camera"
    exif[ExifTags.Base.DateTime] = "2026:01:02 03:04:05"
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "2026:01:02 03:04:05",
        ExifTags.Base.LensModel: "a lens",
    }
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (52.0, 30.0, 0.0),
    }
    Image.new("RGB", (6, 4), (200, 60, 60)).save(file, exif=exif, **options)
    return file


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_mark_is_read_back_from_every_format(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a.{suffix}"
    for mode in ("L", "RGB"):
        images.write(Image.new(mode, (16, 16)), file, metadata=Metadata(MARK))
        assert mark_of(file) == MARK
        assert images.read(file).size == (16, 16)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_note_stands_beside_the_mark(tmp_path: Path, suffix: str) -> None:
    note = made_with.note("translate", model="abc")
    images.write(Image.new("L", (16, 16)), tmp_path / f"a.{suffix}", note=note, metadata=Metadata(MARK))
    assert made_with.read(tmp_path / f"a.{suffix}") == note
    assert mark_of(tmp_path / f"a.{suffix}") == MARK


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_marked_files_are_equal_byte_for_byte(suffix: str) -> None:
    kind = Image.registered_extensions()[f".{suffix}"]
    one, other = (images.encode(Image.new("RGB", (8, 8)), kind, metadata=Metadata(MARK)) for _ in range(2))
    assert one == other


def test_a_format_without_metadata_is_written_without(tmp_path: Path) -> None:
    images.write(Image.new("RGB", (4, 4)), tmp_path / "a.bmp", metadata=Metadata(MARK, b"x", b"y"))
    assert mark_of(tmp_path / "a.bmp") is None


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_date_and_place_are_kept_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    kept = metadata.of_photo(photo_with_metadata(tmp_path / "photo.jpg"))
    images.write(Image.new("RGB", (6, 4)), tmp_path / f"a.{suffix}", metadata=kept)
    with Image.open(tmp_path / f"a.{suffix}") as opened:
        exif = opened.getexif()
    assert set(exif) == {ExifTags.Base.DateTime, ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo}
    assert exif.get_ifd(ExifTags.IFD.Exif) == {ExifTags.Base.DateTimeOriginal: "2026:01:02 03:04:05"}
    assert exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (52.0, 30.0, 0.0)


def test_a_photo_without_metadata_gives_none(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0broken", icc_profile=b"broken")
    for file in (tmp_path / "a.jpg", tmp_path / "missing.jpg"):
        assert metadata.of_photo(file) == Metadata()


def test_a_kept_profile_describes_the_colours_of_the_result(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert metadata.of_photo(photo_with_metadata(tmp_path / "b.jpg", icc_profile=lab)).icc == b""
    kept = metadata.of_photo(photo_with_metadata(tmp_path / "a.jpg", icc_profile=srgb))
    assert kept.icc == srgb
    images.write(Image.new("RGB", (4, 4), (200, 60, 60)), tmp_path / "a.png", metadata=kept)
    with Image.open(tmp_path / "a.png") as opened:
        assert opened.info["icc_profile"] == srgb
    assert images.read(tmp_path / "a.png").getpixel((0, 0)) == (200, 60, 60)
    images.write(Image.new("L", (4, 4), 60), tmp_path / "gray.png", metadata=kept)
    with Image.open(tmp_path / "gray.png") as opened:
        assert "icc_profile" not in opened.info


OTHERS = {
    "an element": "<I:DigitalSourceType>http://cv.iptc.org/x/digitalCapture</I:DigitalSourceType>",
    "a resource": '<I:DigitalSourceType r:resource="http://cv.iptc.org/x/digitalCapture"/>',
}


@pytest.mark.parametrize("form", OTHERS)
def test_marks_of_other_programs_are_read(form: str) -> None:
    packet = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="{xmp.NAMESPACES["rdf"]}">
        <r:Description xmlns:I="{xmp.NAMESPACES["Iptc4xmpExt"]}">{OTHERS[form]}</r:Description>
        </r:RDF></x:xmpmeta>"""
    mark = marks.mark_in(xmp.parse(packet.encode()))
    assert mark == Mark("digitalCapture", program="") and not mark.is_made


def test_broken_and_hostile_packets_hold_no_mark() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + PACKET
    for packet in (b"", b"<x", b"\xff\xfe", PACKET[:-40], bomb, PACKET + b" " * (1 << 20)):
        assert xmp.parse(packet) == {}


@given(st.binary(max_size=60))
def test_any_bytes_are_a_mark_or_none(noise: bytes) -> None:
    assert xmp.parse(noise) == {}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_any_name_of_a_model_survives(name: str) -> None:
    mark = Mark(COMPOSITE, name, "1")
    assert marks.mark_in(xmp.parse(xmp.packet(mark.properties))) == mark and mark.is_made


def test_streams_are_read_too() -> None:
    encoded = images.encode(Image.new("L", (8, 8)), "PNG", metadata=Metadata(MARK))
    assert mark_of(io.BytesIO(encoded)) == MARK
