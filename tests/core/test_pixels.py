"""`images.read` over formats, depths, colour spaces and orientations, beside ImageMagick if there is one."""

import io
import itertools
import random
import shutil
import struct
import subprocess
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from raw_images import HEIGHT, WIDTH, chunk, exif, iccp, png, profile, ramp, tiff
from s2f_cli.core import colour_profiles, images
from s2f_cli.core.errors import ImageError

ORIENTATIONS = (
    *("TopLeft", "TopRight", "BottomRight", "BottomLeft"),
    *("LeftTop", "RightTop", "RightBottom", "LeftBottom"),
)


def imagemagick() -> str | None:
    """The program `convert` if it is ImageMagick's: Windows has another one of that name."""
    program = shutil.which("convert")
    if program is None:
        return None
    version = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    return program if "Version: ImageMagick" in version.stdout else None


CONVERT = imagemagick()

FILES: dict[str, bytes] = {}

for _depth, _turn in itertools.product((1, 2, 4, 8, 16), (1, 6)):
    _top = 2**_depth - 1
    _exif = chunk(b"eXIf", exif(_turn))
    FILES[f"gray {_depth} turn {_turn}.png"] = png(ramp(1, _top), _depth, 0, _exif)
    _key = int(ramp(1, _top)[2, 3, 0])
    FILES[f"gray {_depth} key turn {_turn}.png"] = png(
        ramp(1, _top), _depth, 0, chunk(b"tRNS", struct.pack(">H", _key)) + _exif
    )
    if _depth < 8:
        _palette = chunk(b"PLTE", bytes(range(3 * 2**_depth)))
        _alphas = bytes([0, 128] * 2**_depth)[: 2**_depth]
        FILES[f"palette {_depth} turn {_turn}.png"] = png(ramp(1, _top), _depth, 3, _palette + _exif)
        FILES[f"palette {_depth} key turn {_turn}.png"] = png(
            ramp(1, _top), _depth, 3, _palette + chunk(b"tRNS", _alphas) + _exif
        )
    else:
        FILES[f"rgb {_depth} turn {_turn}.png"] = png(ramp(3, _top), _depth, 2, _exif)
        _keys = [int(level) for level in ramp(3, _top)[4, 5]]
        FILES[f"rgb {_depth} key turn {_turn}.png"] = png(
            ramp(3, _top), _depth, 2, chunk(b"tRNS", struct.pack(">3H", *_keys)) + _exif
        )
        FILES[f"gray alpha {_depth} turn {_turn}.png"] = png(ramp(2, _top), _depth, 4, _exif)
        FILES[f"rgb alpha {_depth} turn {_turn}.png"] = png(ramp(4, _top), _depth, 6, _exif)

for _bits, _photometric, _order in itertools.product((8, 12, 16, 32), (0, 1), "<>"):
    if _photometric or _bits in (8, 16):  # ImageMagick 6 does not invert the others
        FILES[f"gray {_bits} {_photometric} {'le' if _order == '<' else 'be'}.tif"] = tiff(
            ramp(1, 2**_bits - 1), _bits, _photometric, _order
        )
for _gamma in (45455, 45000, 100000):
    for _depth in (8, 16):
        FILES[f"gamma {_gamma} {_depth}.png"] = png(
            ramp(1, 2**_depth - 1), _depth, 0, chunk(b"gAMA", struct.pack(">I", _gamma))
        )
for _bits, _order in itertools.product((8, 16), "<>"):
    FILES[f"rgb {_bits} {'le' if _order == '<' else 'be'}.tif"] = tiff(
        ramp(3, 2**_bits - 1), _bits, 2, _order
    )

for _top in (1, 100, 255, 256, 1023, 4095, 65535):
    _kind = ">u2" if _top > 255 else "u1"
    for _peak in (_top, min(_top, 200)):
        FILES[f"gray {_top} {_peak}.pgm"] = (
            b"P5 %d %d %d\n" % (WIDTH, HEIGHT, _top) + ramp(1, _peak).astype(_kind).tobytes()
        )
    FILES[f"rgb {_top}.ppm"] = (
        b"P6 %d %d %d\n" % (WIDTH, HEIGHT, _top) + ramp(3, _top).astype(_kind).tobytes()
    )

for _gamma, _swap in itertools.product((1.0, 1.8, 2.2), (False, True)):
    _rgb = iccp(profile(b"RGB ", _gamma, swap=_swap))
    for _depth in (8, 16):
        FILES[f"rgb {_depth} profile {_gamma} {_swap}.png"] = png(ramp(3, 2**_depth - 1), _depth, 2, _rgb)
        if not _swap:
            FILES[f"gray {_depth} profile {_gamma}.png"] = png(
                ramp(1, 2**_depth - 1), _depth, 0, iccp(profile(b"GRAY", _gamma))
            )
    _palette = chunk(b"PLTE", bytes(range(64, 112)))
    FILES[f"palette profile {_gamma} {_swap}.png"] = png(ramp(1, 15), 4, 3, _rgb + _palette)
    for _mode, _space in (("L", b"GRAY"), ("RGB", b"RGB ")):
        _image = Image.fromarray(ramp(3, 255).astype(np.uint8)).convert(_mode)
        for _format in ("JPEG", "TIFF", "WEBP"):
            _file = io.BytesIO()
            _image.save(
                _file, _format, icc_profile=profile(_space, _gamma, swap=_swap),
                **{"WEBP": {"lossless": True}, "JPEG": {"quality": 100}, "TIFF": {}}[_format],
            )  # fmt: skip
            if not (_format == "WEBP" and _mode == "L"):
                FILES[f"{_mode} profile {_gamma} {_swap}.{_format.lower()}"] = _file.getvalue()

for _turn in range(1, 9):
    for _format in ("JPEG", "TIFF", "WEBP", "PNG"):
        _file, _tags = io.BytesIO(), Image.Exif()
        _tags[0x112] = _turn
        _image = Image.fromarray(ramp(3, 255).astype(np.uint8))
        _image.save(_file, _format, exif=_tags, **({"lossless": True} if _format == "WEBP" else {}))
        FILES[f"turn {_turn}.{_format.lower()}"] = _file.getvalue()


def by_magick(file: Path) -> np.ndarray:
    """The pixels (H, W, 3) that ImageMagick makes of a file, in sRGB, upright and on white."""
    srgb = file.with_name("srgb.icc")
    srgb.write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    line = [str(CONVERT), f"{file}[0]"]
    if "profile" in file.name:
        line += ["-profile", str(srgb)]
    if "turn" in file.name and file.suffix in (".png", ".webp"):  # whose EXIF ImageMagick 6 does not apply
        line += ["-orient", ORIENTATIONS[int(file.stem[-1]) - 1]]
    line += ["-auto-orient", "-background", "white", "-alpha", "remove", "-colorspace", "sRGB", "-depth", "8"]
    out = file.with_name("out.ppm")
    subprocess.run([*line, str(out)], check=True, capture_output=True)
    with Image.open(out) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


@pytest.mark.skipif(CONVERT is None, reason="ImageMagick is not installed")
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_imagemagick_reads_it(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(FILES[name])
    read = np.asarray(images.read(file).convert("RGB")).astype(int)
    expected = by_magick(file)
    assert read.shape == expected.shape
    difference = np.abs(read - expected)
    assert difference.max() <= 3, difference.max()


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("bits", [8, 12, 16, 32])
def test_0_may_be_white_in_a_tiff(bits: int, order: str) -> None:
    top = 2**bits - 1
    black, white = (images.read(io.BytesIO(tiff(ramp(1, top), bits, kind, order))) for kind in (1, 0))
    assert np.abs(np.asarray(black).astype(int) - ramp(1, 255)[..., 0]).max() <= 1
    assert np.abs(255 - np.asarray(white).astype(int) - np.asarray(black)).max() <= 1


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_transparent_level_is_laid_on_white(depth: int) -> None:
    top = 2**depth - 1
    levels = np.array([[[0], [top], [top // 2 or 1], [0]]])
    read = images.read(io.BytesIO(png(levels, depth, 0, chunk(b"tRNS", struct.pack(">H", 0)))))
    assert np.asarray(read).tolist() == [[255, 255, round((top // 2 or 1) * 255 / top), 255]]


def test_a_dark_image_of_16_bits_stays_dark() -> None:
    dark = ramp(1, 255)
    files = [
        b"P5 32 8 65535\n" + dark.astype(">u2").tobytes(),
        png(dark, 16, 0),
        tiff(dark, 16, 1, "<"),
        tiff(dark, 16, 1, ">"),
    ]
    assert [images.read(io.BytesIO(file)).getextrema() for file in files] == [(0, 1)] * 4


@pytest.mark.parametrize(
    ("mode", "space"),
    [("L", b"GRAY"), ("L", b"RGB "), ("RGB", b"RGB "), ("RGB", b"GRAY"), ("LA", b"GRAY"), ("P", b"RGB ")],
)
def test_a_profile_counts_by_its_curve_and_not_by_its_name(mode: str, space: bytes) -> None:
    """Names that look like sRGB's do not make a profile sRGB, and sRGB under another name changes nothing."""
    gray = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    for gamma, name in ((1.0, "GIMP built-in Linear sRGB"), (1.8, "sRGB IEC61966-2.1")):
        file = io.BytesIO()
        gray.convert(mode).save(file, "PNG", icc_profile=profile(space, gamma, name))
        expected = colour_profiles.encode((np.arange(256) / 255) ** gamma) * 255
        read = np.asarray(images.read(file).convert("L"))[0]
        assert np.abs(read - expected).max() <= 2
    file, own = io.BytesIO(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    own = own.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    gray.convert("RGB").save(file, "PNG", icc_profile=own)
    assert images.read(file).tobytes() == gray.convert("RGB").tobytes()


def test_a_profile_of_another_colour_space_is_ignored() -> None:
    colour = Image.fromarray(ramp(3, 255).astype(np.uint8))
    for data in (profile(b"GRAY", 1.0), profile(b"CMYK", 1.0), profile(b"RGB ", 1.0)[:200], b"", b"x" * 300):
        file = io.BytesIO()
        colour.save(file, "PNG", icc_profile=data)
        assert images.read(file).tobytes() == colour.tobytes()


def test_srgb_chunks_outrank_gamma() -> None:
    gamma, srgb = chunk(b"gAMA", struct.pack(">I", 100000)), chunk(b"sRGB", b"\0")
    plain = images.read(io.BytesIO(png(ramp(1, 255), 8, 0, gamma + srgb)))
    assert np.array_equal(np.asarray(plain), ramp(1, 255)[..., 0])
    for wrong in (0, 1, 2**31 - 1):
        damaged = chunk(b"gAMA", struct.pack(">I", wrong))
        assert images.read(io.BytesIO(png(ramp(1, 255), 8, 0, damaged))).tobytes() == plain.tobytes()


def test_lab_and_cmyk_become_rgb() -> None:
    for mode in ("LAB", "CMYK", "YCbCr"):
        file = io.BytesIO()
        Image.new(
            mode, (4, 4), {"LAB": (255, 128, 128), "CMYK": (0, 0, 0, 0), "YCbCr": (255, 128, 128)}[mode]
        ).save(file, "TIFF")
        assert min(images.read(file).getpixel((0, 0))) >= 254


BROKEN_TAGS = [
    (0x112, 2, b"6\0\0\0"),
    (0x112, 5, struct.pack("<I", 8)),
    (0x112, 7, b"\6\0\0\0"),
    (0x112, 3, struct.pack("<HH", 600, 0)),
    (0x112, 8, struct.pack("<hxx", -6)),
    (0x11A, 2, b"72\0\0"),
    (0x11A, 10, struct.pack("<I", 2)),
    (0x128, 8, struct.pack("<hxx", -2)),
    (0x8769, 4, struct.pack("<I", 99999)),
    (0x8769, 4, struct.pack("<I", 8)),
    (0x8825, 2, b"abcd"),
    (0x10F, 99, b"abcd"),
    (0x2BC, 2, b"6\0\0\0"),
    (0x2BC, 7, b"\xff<x:"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("tag", "type_", "value"), BROKEN_TAGS)
def test_broken_exif_costs_neither_pixels_nor_the_orientation(
    kind: str, tag: int, type_: int, value: bytes
) -> None:
    entries = [struct.pack("<HHI", tag, type_, 4 if type_ == 2 else 1) + value]
    if tag != 0x112:
        entries.insert(0, struct.pack("<HHIHH", 0x112, 3, 1, 6, 0))
    block = struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + b"".join(sorted(entries)) + b"\0" * 4
    file = io.BytesIO()
    Image.new("RGB", (8, 4)).save(file, kind, exif=b"Exif\0\0" + block)
    assert images.read(file).size == ((8, 4) if tag == 0x112 else (4, 8))


def test_an_image_in_memory_is_normalised_like_a_file() -> None:
    for name in ("gray 16 key turn 6.png", "rgb alpha 8 turn 6.png", "rgb 8 profile 1.0 True.png"):
        with Image.open(io.BytesIO(FILES[name])) as opened:
            opened.load()
            assert images.normalise(opened).tobytes() == images.read(io.BytesIO(FILES[name])).tobytes()
    plain = Image.new("RGB", (4, 4))
    assert images.normalise(plain) is plain


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.integers(0, 2**32), st.integers(1, 12), st.booleans())
def test_damaged_files_are_images_or_image_errors(name: str, seed: int, changes: int, cut: bool) -> None:
    state, data = random.Random(seed), bytearray(FILES[name])
    for _ in range(changes):
        data[state.randrange(min(len(data), 600))] = state.choice([0, 255, state.randrange(256)])
    damaged = io.BytesIO(data[: state.randrange(1, len(data))] if cut else data)
    with suppress(ImageError), warnings.catch_warnings(action="ignore"):
        assert images.read(damaged).mode in ("L", "RGB")


def test_an_image_of_a_rare_kind_is_not_called_no_image() -> None:
    with pytest.raises(ImageError, match="rare kind"):
        images.read(io.BytesIO(tiff(ramp(1, 255), 8, 32000, "<")))
