"""Wide gamuts and high dynamic range become sRGB: values of the standards, and whole files."""

import io
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from s2f_cli.core import cicp, images
from s2f_cli.core.cicp import CodePoints

HEIF = Path(__file__).parents[1] / "fixtures" / "heif"


def srgb_level(light: float) -> float:
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def converted(colour: tuple[int, int, int], primaries: int, transfer: int) -> tuple[int, ...]:
    return cicp.to_srgb(Image.new("RGB", (1, 1), colour), CodePoints(primaries, transfer)).getpixel((0, 0))


def described(data: bytes, primaries: int, transfer: int) -> io.BytesIO:
    """An AVIF file with other code points."""
    assert data.count(b"colrnclx") == 1
    box = b"colrnclx" + struct.pack(">HH", primaries, transfer)
    return io.BytesIO(re.sub(b"colrnclx....", box, data, flags=re.DOTALL))


def avif(colour: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(buffer, "AVIF", quality=100, subsampling="4:4:4")
    return buffer.getvalue()


def test_levels_of_pq_are_those_of_st_2084() -> None:
    """Table of levels of BT.2408: 58 % is 203 cd/m², 75 % 983 cd/m² and 100 % 10 000 cd/m²."""
    levels = cicp._from_pq(np.array([0.0, 0.5807, 0.75, 1.0]))
    assert levels == pytest.approx([0, 203, 983, 10_000], rel=2e-3)
    assert cicp._to_pq(levels) == pytest.approx([0, 0.5807, 0.75, 1], abs=1e-4)


@pytest.mark.parametrize(("name", "luminance"), [("pq.heic", 50.0), ("hlg.heic", 1000 * 12**-1.2)])
def test_10_bit_heic_of_high_dynamic_range(name: str, luminance: float) -> None:
    """Luminances below the knee are those of the display; the brightest highlight is white."""
    image = images.read(HEIF / name)
    assert image.getpixel((8, 8)) == pytest.approx([srgb_level(luminance / 203)] * 3, abs=2)
    assert image.getpixel((56, 8)) == (255, 255, 255)


def test_highlights_are_compressed_and_keep_their_order() -> None:
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None].repeat(2, 0)).convert("RGB")
    mapped = np.asarray(cicp.to_srgb(ramp, CodePoints(9, 16)))[0, :, 0].astype(int)
    assert (np.diff(mapped) >= 0).all()
    white = round(0.5807 * 255)
    assert 215 < mapped[white] < 240 and mapped[white + 12] > mapped[white]


def test_wide_gamuts_become_srgb() -> None:
    """sRGB (200, 100, 50) in Display P3 is (187, 106, 63)."""
    assert converted((187, 106, 63), 12, 13) == pytest.approx((200, 100, 50), abs=2)
    assert converted((128, 128, 128), 12, 13) == (128, 128, 128)
    assert converted((0, 255, 0), 9, 13) == (0, 255, 0)  # clipped


@pytest.mark.parametrize("code", [(1, 13), (2, 2), (1, 1), (6, 6)])
def test_code_points_of_usual_files_change_nothing(code: tuple[int, int]) -> None:
    image = Image.new("RGB", (2, 2), (10, 100, 200))
    assert cicp.to_srgb(image, CodePoints(*code)) is image


def test_avif_files_are_read_by_their_code_points() -> None:
    data = avif((112, 112, 112))
    assert images.read(described(data, 1, 13)).getpixel((4, 4)) == (112, 112, 112)
    light = cicp._from_pq(np.array(112 / 255)) / 203
    assert images.read(described(data, 9, 16)).getpixel((4, 4)) == pytest.approx(
        [srgb_level(light)] * 3, abs=2
    )


def test_a_profile_outranks_code_points_that_are_not_hdr() -> None:
    buffer = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (8, 8), (187, 106, 63)).save(buffer, "PNG", icc_profile=profile)
    chunk = b"cICP" + bytes([12, 13, 0, 1])
    chunk = b"\0\0\0\x04" + chunk + struct.pack(">I", zlib.crc32(chunk))
    with_both = buffer.getvalue()[:33] + chunk + buffer.getvalue()[33:]
    assert images.read(io.BytesIO(with_both)).getpixel((0, 0)) == (187, 106, 63)
    Image.new("RGB", (8, 8), (187, 106, 63)).save(plain := io.BytesIO(), "PNG")
    only_code = plain.getvalue()[:33] + chunk + plain.getvalue()[33:]
    assert images.read(io.BytesIO(only_code)).getpixel((0, 0)) == pytest.approx((200, 100, 50), abs=2)


def test_gray_images_stay_gray() -> None:
    gray = cicp.to_srgb(Image.new("L", (2, 2), 112), CodePoints(9, 16))
    assert gray.mode == "L" and gray.getpixel((0, 0)) > 112
