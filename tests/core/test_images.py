import io
import random
import re
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

from s2f_cli.core import images
from s2f_cli.core.errors import ImageError, S2FError


def photo(width: int = 40, height: int = 30, mode: str = "RGB") -> Image.Image:
    levels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(levels).resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> io.BytesIO:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    buffer.seek(0)
    return buffer


class TestRead:
    @pytest.mark.parametrize("turn", range(1, 9))
    def test_photos_are_upright(self, turn: int) -> None:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = turn
        upright = images.read(saved(photo(), "PNG", exif=exif))
        assert upright.size == ((30, 40) if turn >= 5 else (40, 30))
        assert (upright.tobytes() == photo().tobytes()) == (turn == 1)

    def test_16_bit_levels_are_scaled(self) -> None:
        ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
        assert np.array_equal(
            images.read(saved(Image.fromarray(ramp), "PNG")), np.arange(256)[None].repeat(4, 0)
        )

    def test_floats_from_0_to_1_are_scaled(self) -> None:
        ramp = np.linspace(0, 1, 256, dtype=np.float32)[None]
        assert np.array_equal(images.read(saved(Image.fromarray(ramp), "TIFF")), np.arange(256)[None])

    @pytest.mark.parametrize("mode", ["RGBA", "LA"])
    def test_alpha_is_composited_on_white(self, mode: str) -> None:
        clear = Image.new(mode, (4, 4), (0,) * len(mode))
        read = images.read(saved(clear, "PNG"))
        assert (read.mode, read.getextrema()) == {
            "RGBA": ("RGB", ((255, 255),) * 3),
            "LA": ("L", (255, 255)),
        }[mode]

    def test_a_transparent_palette_is_composited_on_white(self) -> None:
        palette = Image.new("P", (4, 4), 0)
        palette.putpalette([0, 0, 0, 255, 0, 0])
        assert images.read(saved(palette, "PNG", transparency=0)).getpixel((0, 0)) == (255, 255, 255)
        assert images.read(saved(palette, "PNG")).getpixel((0, 0)) == (0, 0, 0)

    @pytest.mark.parametrize(
        ("mode", "kind", "read_as"),
        [("CMYK", "JPEG", "RGB"), ("1", "PNG", "L"), ("L", "PNG", "L"), ("YCbCr", "TIFF", "RGB")],
    )
    def test_other_modes_are_converted(self, mode: str, kind: str, read_as: str) -> None:
        read = images.read(saved(photo(mode=mode), kind))
        assert (read.mode, read.size) == (read_as, (40, 30))

    def test_an_animation_is_read_as_its_first_frame(self) -> None:
        frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
        read = images.read(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
        assert read.getpixel((0, 0)) == (255, 0, 0)

    def test_decompression_bombs_are_refused_before_decoding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(images, "MAX_PIXELS", 1199)
        with pytest.raises(ImageError, match="40x30") as raised:
            images.read(saved(photo(), "PNG"))
        assert "S2F_MAX_PIXELS" in raised.value.hint

    def test_an_unusable_file_is_an_error_with_the_reason(self, tmp_path: Path) -> None:
        (tmp_path / "empty.png").write_bytes(b"")
        (tmp_path / "text.png").write_text("hello")
        (tmp_path / "cut.png").write_bytes(saved(photo(), "PNG").getvalue()[:-200])
        for name, reason in [
            ("empty.png", "is empty"),
            ("text.png", "not an image"),
            ("cut.png", "truncated or damaged"),
            ("none.png", "no file"),
            ("", "is a folder"),
            ("/dev/null", "is a pipe or a device"),
        ]:
            with pytest.raises(ImageError, match=reason):
                images.read(tmp_path / name)

    def test_a_wrong_suffix_does_not_matter(self, tmp_path: Path) -> None:
        (tmp_path / "a.png").write_bytes(saved(photo(), "JPEG").getvalue())
        assert images.read(tmp_path / "a.png").size == (40, 30)

    @settings(max_examples=200, deadline=None)
    @given(
        st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM"]),
        st.integers(0, 2**32),
        st.integers(1, 12),
        st.booleans(),
    )
    def test_damaged_bytes_are_an_image_or_an_image_error(
        self, kind: str, seed: int, changes: int, cut: bool
    ) -> None:
        random_state = random.Random(seed)
        data = bytearray(FILES[kind])
        for _ in range(changes):
            data[random_state.randrange(len(data))] = random_state.randrange(256)
        damaged = io.BytesIO(data[: random_state.randrange(1, len(data))] if cut else data)
        with suppress(ImageError), warnings.catch_warnings(action="ignore"):
            assert images.read(damaged).mode in ("L", "RGB")


FILES = {
    kind: saved(photo(), kind).getvalue() for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM")
}


class TestWrite:
    @pytest.mark.parametrize("suffix", ["png", "PNG", "jpg", "webp", "bmp", "tif"])
    def test_the_suffix_names_the_format(self, tmp_path: Path, suffix: str) -> None:
        images.write(photo(), tmp_path / "new" / f"a.{suffix}")
        assert images.read(tmp_path / "new" / f"a.{suffix}").size == (40, 30)

    def test_png_is_lossless(self, tmp_path: Path) -> None:
        images.write(photo(), tmp_path / "a.png")
        assert images.read(tmp_path / "a.png").tobytes() == photo().tobytes()

    def test_an_unknown_suffix_is_refused(self, tmp_path: Path) -> None:
        for name in ("a", "a.txt", "a.xyz"):
            with pytest.raises(S2FError, match=name):
                images.write(photo(), tmp_path / name)
        assert list(tmp_path.iterdir()) == []


class TestArrays:
    @pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
    def test_an_array_converts_back_to_the_same_image(self, channels: int, mode: str) -> None:
        array = images.to_array(photo(mode=mode), channels)
        assert (array.shape, array.dtype) == ((channels, 30, 40), np.float32)
        assert array.min() >= -1 and array.max() <= 1
        assert images.from_array(array).tobytes() == photo(mode=mode).tobytes()

    def test_gray_becomes_rgb_and_rgb_luma(self) -> None:
        assert images.to_bytes(photo(mode="L"), 3).std(axis=0).max() == 0
        assert np.array_equal(images.to_bytes(photo(), 1)[0], photo(mode="L"))

    @given(st.floats(allow_nan=True, allow_infinity=True, width=32))
    def test_any_float_becomes_a_level(self, value: float) -> None:
        level = images.from_array(np.full((1, 1, 1), value, np.float32)).getpixel((0, 0))
        expected = 0 if np.isnan(value) else round(min(max((value + 1) * 127.5, 0), 255))
        assert abs(level - expected) <= 1


class TestShapes:
    @pytest.mark.parametrize("size", [(40, 30), (30, 40), (16, 16), (5, 90)])
    def test_any_shape_fits_a_square(self, size: tuple[int, int]) -> None:
        for how in ("crop", "squash"):
            assert images.fit(photo(*size), 16, how).size == (16, 16)  # type: ignore[arg-type]

    def test_crop_keeps_the_centre_and_squash_everything(self) -> None:
        wide = Image.new("L", (60, 20), 0)
        wide.paste(255, (20, 0, 40, 20))
        assert images.fit(wide, 20, "crop").getextrema() == (255, 255)
        assert images.fit(wide, 20, "squash").getextrema() == (0, 255)


def test_a_limit_that_is_not_a_number_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    line = [sys.executable, "-m", "s2f_cli", "translate", "--to", "face", "none.png"]
    monkeypatch.setenv("S2F_MAX_PIXELS", "abc")
    done = subprocess.run(line, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "error: S2F_MAX_PIXELS=abc is not a whole number",
        "hint: set it to a number, or unset it",
    ]


def test_colours_of_other_icc_profiles_become_srgb(tmp_path: Path) -> None:
    """The test profile has red and blue swapped; a damaged profile is ignored."""
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
    profile = re.sub(b"[rb]XYZ", lambda match: swapped[match[0]], own)
    profile = profile.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    image = Image.new("RGB", (4, 4), (200, 60, 60))
    for suffix in ("png", "jpg"):
        image.save(tmp_path / f"a.{suffix}", icc_profile=profile)
        converted = images.read(tmp_path / f"a.{suffix}")
        red, _, blue = converted.getpixel((1, 1))
        assert converted.mode == "RGB" and blue > red + 60
    image.save(tmp_path / "b.png", icc_profile=b"no profile")
    assert images.read(tmp_path / "b.png").getpixel((1, 1)) == (200, 60, 60)
    image.save(tmp_path / "c.png", icc_profile=own)
    assert images.read(tmp_path / "c.png").getpixel((1, 1)) == (200, 60, 60)
