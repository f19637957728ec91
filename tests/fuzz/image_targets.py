"""Images and archives of them."""

import io
import random
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mutations import damaged, with_valid_checksums
from PIL import Image, ImageCms, PngImagePlugin
from target import Target

from s2f_cli.core import archives, image_folder, images


def _photo(size: tuple[int, int] = (24, 20)) -> Image.Image:
    rng = np.random.default_rng(1)
    return Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)).resize(size)


def _images() -> list[tuple[str, bytes]]:
    photo = _photo()
    exif = Image.Exif()
    exif[274] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    labels = {"exif": exif, "icc_profile": profile}
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    gamma = PngImagePlugin.PngInfo()
    gamma.add(b"gAMA", (45455).to_bytes(4, "big"))
    deep = Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257)
    floats = Image.fromarray(np.asarray(photo.convert("L"), np.float32) / 255)
    jobs = [
        *(
            ("RGB", kind, {})
            for kind in ("png", "jpg", "webp", "avif", "bmp", "gif", "tif", "ppm", "qoi", "tga")
        ),
        *(("RGB", kind, {}) for kind in ("jp2", "pcx", "mpo", "dib")),
        *(("L", kind, {}) for kind in ("png", "jpg", "tif", "pgm", "jp2", "bmp", "webp")),
        *(("P", kind, {}) for kind in ("png", "gif", "tif", "bmp", "pcx")),
        *(("RGBA", kind, {}) for kind in ("png", "webp", "tif", "tga", "jp2", "avif", "qoi")),
        *(("LA", kind, {}) for kind in ("png", "tif", "tga")),
        *(("1", kind, {}) for kind in ("png", "tif", "pbm", "bmp")),
        *(("CMYK", kind, {}) for kind in ("jpg", "tif")),
        *(("LAB", "tif", {"icc_profile": p}) for p in (lab, profile)),
        *(("RGB", kind, labels) for kind in ("png", "jpg", "webp", "tif", "avif")),
        *(("RGB", "tif", {"compression": c}) for c in ("tiff_lzw", "jpeg", "tiff_adobe_deflate", "packbits")),
        *(("1", "tif", {"compression": c}) for c in ("group3", "group4")),
        ("RGB", "jpg", {"progressive": True}),
        ("RGB", "png", {"pnginfo": gamma, "transparency": (1, 2, 3)}),
        ("P", "png", {"transparency": b"\0\x80\xff"}),
        ("RGB", "webp", {"lossless": True}),
        ("RGB", "gif", {"save_all": True, "append_images": [photo.rotate(90)]}),
        ("RGB", "png", {"save_all": True, "append_images": [photo.rotate(90)]}),
    ]
    examples = []
    for mode, suffix, options in jobs:
        examples.append((f"image.{suffix}", _encoded(photo.convert(mode), suffix, options)))
    for image, suffix, options in (
        *((deep, suffix, {"icc_profile": profile}) for suffix in ("png", "tif")),
        *((deep, suffix, {}) for suffix in ("png", "tif", "pgm", "jp2")),
        *((floats, suffix, {}) for suffix in ("tif", "pfm")),
    ):
        examples.append((f"deep.{suffix}", _encoded(image, suffix, options)))
    fixtures = Path(__file__).parents[1] / "fixtures" / "heif"
    examples += [(file.name, file.read_bytes()) for file in sorted(fixtures.glob("*.heic"))]
    return examples


def _encoded(image: Image.Image, suffix: str, options: dict) -> bytes:
    buffer = io.BytesIO()
    kind = Image.registered_extensions().get(f".{suffix}", "PPM")
    if image.mode == "LAB" or "icc_profile" not in options or kind != "TIFF":
        image.save(buffer, kind, **options)
    else:
        image.save(buffer, kind, icc_profile=options["icc_profile"])
    return buffer.getvalue()


def _damaged_image(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    changed = damaged(data, others, rng)
    return with_valid_checksums(changed) if data[:4] == b"\x89PNG" and rng.random() < 0.7 else changed


def _read_image(file: Path) -> None:
    image = images.read(file)
    assert image.mode in ("L", "RGB"), image.mode
    assert not image.info, image.info
    images.normalise(image)


def _archives() -> list[tuple[str, bytes]]:
    png = _encoded(_photo(), "png", {})
    members = [f"set/{d}/{n}.png" for d in ("face", "sketch") for n in "ab"] + ["set\\c.png", "__MACOSX/._a"]
    examples = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as packed:
            for member in members:
                packed.writestr(member, png)
        examples.append(("set.zip", buffer.getvalue()))
    for suffix, mode, form in (
        *((".tar", "w", form) for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT)),
        *((f".tar.{m}", f"w:{m}", tarfile.PAX_FORMAT) for m in ("gz", "bz2", "xz")),
    ):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=mode, format=form) as tape:
            for member in [*members, "é" * 40 + ".png"]:
                entry = tarfile.TarInfo(member)
                entry.size = len(png)
                tape.addfile(entry, io.BytesIO(png))
        examples.append((f"set{suffix}", buffer.getvalue()))
    return examples


def _read_archive(file: Path) -> None:
    inside = file.parent / "outer" / "inner"
    archives.unpack(file, inside)
    left = {path.name for path in (*file.parent.iterdir(), *(file.parent / "outer").glob("*"))}
    assert left <= {file.name, "outer", "inner"}, left
    if inside.is_dir():
        list(image_folder.walk_images(inside))


TARGETS = {
    "images": lambda: Target("images", _images(), _damaged_image, _read_image),
    "archives": lambda: Target("archives", _archives(), damaged, _read_archive),
}
