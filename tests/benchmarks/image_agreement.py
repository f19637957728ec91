"""Compare how s2f and ImageMagick read pictures of many kinds. Run by hand; needs ImageMagick's `convert`:

    python tests/benchmarks/image_agreement.py [FORMAT …]

Makes a picture of every format × depth × colour type that `convert` can write, each in one of four
orientations, reads it by `images.read`, and compares the levels with those that `convert` decodes: upright,
sRGB, 8 bits, on white. Prints the kinds that differ by more than two levels on average (eight for lossy
formats), and those that s2f refuses.
"""

import itertools
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import ImageError

FORMATS = ("png", "tif", "jpg", "webp", "bmp", "gif", "ppm", "pgm", "jp2", "tga", "pcx", "heic")
LOSSY = {"jpg", "webp", "jp2", "heic", "gif"}
DEPTHS = (1, 2, 4, 8, 12, 16)
TYPES = ("Grayscale", "GrayscaleMatte", "Palette", "TrueColor", "TrueColorMatte", "ColorSeparation")
ORIENTATIONS = ("TopLeft", "TopRight", "RightTop", "LeftBottom")


def convert(*words: object) -> bool:
    """Run ImageMagick's `convert`; returns whether it succeeded."""
    done = subprocess.run(["convert", *map(str, words)], capture_output=True)
    return done.returncode == 0


def differs(file: Path, folder: Path) -> str:
    """How the two readings of a file differ; empty if they agree, or if ImageMagick cannot read it."""
    reference = folder / "reference.ppm"
    flat = ("-auto-orient", "-background", "white", "-flatten", "-colorspace", "sRGB", "-type", "TrueColor")
    if not convert(f"{file}[0]", *flat, "-depth", 8, reference):
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


def main() -> None:
    rng = np.random.default_rng(0)
    photo = Image.fromarray(rng.integers(0, 256, (5, 6, 4), dtype=np.uint8), "RGBA").resize((24, 20))
    counts = Counter[str]()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        photo.save(folder / "photo.png")
        kinds = itertools.product(sys.argv[1:] or FORMATS, DEPTHS, TYPES)
        for (suffix, depth, kind), turn in zip(kinds, itertools.cycle(ORIENTATIONS), strict=False):
            file = folder / f"made.{suffix}"
            file.unlink(missing_ok=True)
            words = ("-depth", depth, "-type", kind, "-orient", turn)
            if not convert(folder / "photo.png", *words, file) or not file.exists():
                counts["not made"] += 1
                continue
            difference = differs(file, folder)
            counts["different" if difference else "agreed"] += 1
            if difference:
                print(f"{suffix}, {depth} bits, {kind}, {turn}: {difference}")
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    sys.exit(bool(counts["different"]))


if __name__ == "__main__":
    main()
