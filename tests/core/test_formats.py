"""Files of phones and cameras: HEIC, AVIF, JPEG XL, and files that hold more than one image."""

import io
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core import formats, images
from s2f_cli.core.errors import ImageError, MissingPart
from s2f_cli.core.image_folder import find

HEIF = Path(__file__).parents[1] / "fixtures" / "heif"
RED, GREEN, BLUE, GRAY = (200, 60, 60), (60, 200, 60), (60, 60, 200), (128, 128, 128)


def quarters(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the quarters of an image, row by row."""
    return [image.getpixel((image.width * x // 4, image.height * y // 4)) for y in (1, 3) for x in (1, 3)]


def near(one: tuple[int, ...], other: tuple[int, ...], slack: int = 2) -> bool:
    return all(abs(a - b) <= slack for a, b in zip(one, other, strict=True))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_heic_is_read_upright() -> None:
    turned = images.read(HEIF / "turned.heic")
    assert turned.size == (48, 64)
    assert all(map(near, quarters(turned), (BLUE, RED, GRAY, GREEN)))


def test_the_primary_image_of_a_heic_file_is_read() -> None:
    main = images.read(HEIF / "second_is_main.heic")
    assert main.size == (64, 48)
    assert all(map(near, quarters(main), (RED, GREEN, BLUE, GRAY)))


def test_a_folder_of_phone_files_is_a_folder_of_images(tmp_path: Path) -> None:
    for name in ("a.HEIC", "b.avif", "c.jxl", "d.hif", "e.mpo"):
        (tmp_path / name).touch()
    assert [file.name for file in find(tmp_path).files] == ["a.HEIC", "b.avif", "c.jxl", "d.hif", "e.mpo"]


@pytest.mark.parametrize("kind", ["AVIF", "JXL"])
def test_avif_and_jpeg_xl_are_read(kind: str) -> None:
    if kind == "JXL":
        pytest.importorskip("pillow_jxl")
    data = encoded(Image.new("RGB", (16, 8), RED), kind)
    assert formats.looks_like_image(data[: formats.START])
    assert near(images.read(io.BytesIO(data)).getpixel((3, 3)), RED, 3)


def test_jpeg_xl_is_written(tmp_path: Path) -> None:
    pytest.importorskip("pillow_jxl")
    images.write(Image.new("RGB", (16, 8), RED), tmp_path / "a.jxl")
    assert images.read(tmp_path / "a.jxl").size == (16, 8)


def test_without_its_package_jpeg_xl_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (tmp_path / "a.jxl").write_bytes(b"\xff\x0a" + bytes(40))
    with pytest.raises(ImageError, match=r"a\.jxl cannot be read: .*extra 'jxl'") as raised:
        images.read(tmp_path / "a.jxl")
    assert "pip install" in raised.value.hint
    with pytest.raises(MissingPart, match="extra 'jxl'"):
        images.write(Image.new("L", (2, 2)), tmp_path / "b.jxl")


def test_motion_photos_and_stereo_pairs_give_the_main_image() -> None:
    still = encoded(Image.new("RGB", (16, 8), GRAY), "JPEG")
    motion = still + b"\0\0\0\x18ftypmp42" + bytes(1000)
    assert images.read(io.BytesIO(motion)).tobytes() == images.read(io.BytesIO(still)).tobytes()
    pair = encoded(
        Image.new("RGB", (16, 8), GRAY), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 4), "red")]
    )
    assert images.read(io.BytesIO(pair)).size == (16, 8)


def test_files_of_other_programs_are_not_opened(tmp_path: Path) -> None:
    """PostScript would be run by another program."""
    Image.new("RGB", (4, 4)).save(tmp_path / "a.eps")
    with pytest.raises(ImageError, match="not an image"):
        images.read(tmp_path / "a.eps")


@pytest.mark.parametrize("name", sorted(file.name for file in HEIF.glob("*.heic")))
def test_a_cut_heic_file_is_an_image_error(name: str) -> None:
    data = (HEIF / name).read_bytes()
    for length in range(20, len(data), 61):
        with pytest.raises(ImageError):
            images.read(io.BytesIO(data[:length]), name)
