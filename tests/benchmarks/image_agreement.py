"""Compare how s2f and ImageMagick read pictures of many kinds. Run by hand; needs ImageMagick's `convert`:

    python tests/benchmarks/image_agreement.py [FORMAT …]

Makes a picture of every format × depth × colour type that `convert` can write, each in one of four
orientations, and of every format × profile: gray and RGB, linear and of other gammas, named like sRGB, and
with swapped primaries. Reads each by `images.read`, and compares the levels with those that `convert`
decodes: upright, sRGB, 8 bits, on white. Prints the kinds that differ by more than two levels on average
(eight for lossy formats), and those that s2f refuses. The tests of `core/pixels` compare PNG and TIFF of any
depth with gAMA and tRNS.
"""

import itertools
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from raw_images import profile
from s2f_cli.core import images
from s2f_cli.core.errors import ImageError

FORMATS = (
    "png",
    "tif",
    "jpg",
    "webp",
    "bmp",
    "gif",
    "ppm",
    "pgm",
    "jp2",
    "j2k",
    "tga",
    "pcx",
    "heic",
    "avif",
)
LOSSY = {"jpg", "webp", "jp2", "j2k", "heic", "avif", "gif"}
DEPTHS = (1, 2, 4, 8, 12, 16)
TYPES = ("Grayscale", "GrayscaleMatte", "Palette", "TrueColor", "TrueColorMatte", "ColorSeparation")
PROFILED = ("png", "tif", "jpg", "webp", "jp2", "heic", "avif")
"""Formats that hold profiles."""
PROFILES = {
    f"{space.decode().strip()} {gamma:g}{' swapped' * swap}": (space, gamma, swap)
    for space, gamma, swap in itertools.product((b"GRAY", b"RGB "), (1.0, 1.8, 2.2, 2.6), (False, True))
    if space == b"RGB " or not swap
}
ORIENTATIONS = ("TopLeft", "TopRight", "RightTop", "LeftBottom")


def convert(*words: object) -> bool:
    """Run ImageMagick's `convert`; returns whether it succeeded."""
    done = subprocess.run(["convert", *map(str, words)], capture_output=True)
    return done.returncode == 0


def differs(file: Path, folder: Path, *, profiled: bool = False) -> str:
    """How the two readings of a file differ; empty if they agree, or if ImageMagick cannot read it."""
    reference, srgb = folder / "reference.ppm", folder / "srgb.icc"
    srgb.write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    words = ["-auto-orient", *(("-profile", srgb) if profiled else ())]
    words += ["-background", "white", "-flatten", "-colorspace", "sRGB", "-type", "TrueColor"]
    if not convert(f"{file}[0]", *words, "-depth", 8, reference):
        return ""
    with Image.open(reference) as opened:
        expected = np.asarray(opened.convert("RGB"), float)
    try:
        seen = np.asarray(images.read(file).convert("RGB"), float)
    except ImageError as problem:
        return problem.message.removeprefix(str(file))
    if seen.shape != expected.shape:
        return f"it is {seen.shape}, not {expected.shape}"
    gap = float(np.abs(seen - expected).mean())
    return f"{gap:.1f} levels on average" if gap > (8 if file.suffix[1:] in LOSSY else 2) else ""


def kinds(formats: Sequence[str], folder: Path) -> Iterator[tuple[str, str, list[object], bool]]:
    """The kinds of pictures: title, suffix, options of `convert`, and whether there is a profile."""
    turns = itertools.cycle(ORIENTATIONS)
    for (suffix, depth, kind), turn in zip(itertools.product(formats, DEPTHS, TYPES), turns, strict=False):
        words: list[object] = ["-depth", depth, "-type", kind, "-orient", turn]
        yield f"{suffix}, {depth} bits, {kind}, {turn}", suffix, words, False
    for suffix, depth, name in itertools.product(formats, (8, 16), PROFILES):
        space, gamma, swap = PROFILES[name]
        icc = folder / f"{name}.icc"
        icc.write_bytes(profile(space, gamma, swap=swap))
        kind = "Grayscale" if space == b"GRAY" else "TrueColor"
        if suffix in PROFILED:
            words = ["-alpha", "off", "-strip", "-type", kind, "-depth", depth, "-profile", icc]
            yield f"{suffix}, {depth} bits, profile {name}", suffix, words, True


def main() -> None:
    rng = np.random.default_rng(0)
    photo = Image.fromarray(rng.integers(0, 256, (5, 6, 4), dtype=np.uint8), "RGBA").resize((96, 80))
    counts = Counter[str]()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        photo.save(folder / "photo.png")
        for title, suffix, words, profiled in kinds(sys.argv[1:] or FORMATS, folder):
            file = folder / f"made.{suffix}"
            file.unlink(missing_ok=True)
            if not convert(folder / "photo.png", *words, file) or not file.exists():
                counts["not made"] += 1
                continue
            difference = differs(file, folder, profiled=profiled)
            counts["different" if difference else "agreed"] += 1
            if difference:
                print(f"{title}: {difference}", flush=True)
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    sys.exit(bool(counts["different"]))


if __name__ == "__main__":
    main()
