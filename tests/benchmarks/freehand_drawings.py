"""Draw the freehand portraits of the gallery: few strokes, thick pens, glasses, beards, hair. Run by hand:

    python tests/benchmarks/freehand_drawings.py drawings
    s2f translate --to face drawings --sheet freehand.jpg

Each portrait is a list of strokes through a few points, as somebody would draw them on the page with its pen,
with the tremor of a hand. They come from no photo and no drawing of a data set.
"""

import argparse
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy.interpolate import make_interp_spline
from scipy.ndimage import gaussian_filter1d

SIDE = 512
"""Width and height of a drawing, in pixels."""
SCALE = 3
"""Strokes are drawn this much larger and shrunk, for smooth edges."""

Stroke = npt.NDArray[np.float64]
"""Points (N, 2), in pixels right of the middle of the face and below its eyes."""


def curve(*points: tuple[float, float]) -> Stroke:
    """A smooth stroke through points."""
    xy = np.asarray(points, float)
    at = np.r_[0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
    spline = make_interp_spline(at, xy, k=min(3, len(xy) - 1))
    return np.asarray(spline(np.linspace(0, at[-1], max(int(at[-1] / 2), 4))), float)


def arc(x: float, y: float, wide: float, high: float, start: float = 0, stop: float = 360) -> Stroke:
    """Part of an ellipse, in degrees, clockwise from the right."""
    angle = np.radians(np.linspace(start, stop, 80))
    return np.stack([x + wide * np.cos(angle), y + high * np.sin(angle)], 1)


def both(stroke: Stroke) -> list[Stroke]:
    """A stroke and its mirror image."""
    return [stroke, stroke * (-1, 1)]


@dataclass(frozen=True)
class Portrait:
    """How a portrait is drawn."""

    name: str
    parts: Sequence[Sequence[Stroke]]
    pen: float = 3
    """Width of the pen, in pixels."""
    tremor: float = 1.2
    """Standard deviation of the hand's tremor, in pixels."""


def head(wide: float = 92, chin: float = 128) -> list[Stroke]:
    side = curve((wide, -40), (wide + 2, 10), (wide * 0.88, 70), (wide * 0.5, chin - 12), (0, chin))
    return both(side)


def skull(wide: float = 92, top: float = -118) -> list[Stroke]:
    return [curve((-wide, -38), (-wide * 0.8, -88), (0, top), (wide * 0.8, -88), (wide, -38))]


def ears(x: float = 93) -> list[Stroke]:
    return both(curve((x, -14), (x + 17, -20), (x + 16, 14), (x + 2, 36)))


def shoulders(neck: float = 42) -> list[Stroke]:
    return both(curve((neck, 114), (neck + 2, 150), (110, 178), (165, 208), (176, 250)))


def collar() -> list[Stroke]:
    return both(curve((44, 148), (28, 186), (2, 214)))


def eyes(x: float = 40, wide: float = 19, open_: float = 9, pupil: float = 5) -> list[Stroke]:
    upper = curve((x - wide, 3), (x - 4, -open_), (x + wide, 1))
    lower = curve((x - wide, 3), (x, open_ - 1), (x + wide, 1))
    return both(upper) + both(lower) + rings(x, *np.arange(1, pupil + 1, 1.5))


def dots(x: float = 38) -> list[Stroke]:
    return rings(x, 1.0, 3.0, 4.5)


def rings(x: float, *radii: float) -> list[Stroke]:
    return [stroke for r in radii for stroke in both(arc(x, 0, r, r))]


def brows(x: float = 40, y: float = -27, lift: float = 8) -> list[Stroke]:
    return both(curve((x - 22, y + 4), (x, y - lift + 4), (x + 26, y + 4)))


def nose(long: float = 48, wide: float = 15) -> list[Stroke]:
    return [
        curve((-6, 8), (-9, long - 16), (-wide, long - 4), (-4, long + 2), (5, long + 2), (wide, long - 4)),
    ]


def nose_hook(long: float = 48) -> list[Stroke]:
    return [curve((-3, 6), (9, long - 10), (7, long), (-9, long))]


def mouth(y: float = 80, wide: float = 30, curl: float = -4) -> list[Stroke]:
    return [
        curve((-wide, y + curl), (-8, y), (0, y + 1), (8, y), (wide, y + curl)),
        curve((-wide + 6, y + curl - 1), (-7, y - 8), (0, y - 5), (7, y - 8), (wide - 6, y + curl - 1)),
        curve((-wide + 9, y + 4), (0, y + 13), (wide - 9, y + 4)),
    ]


def smile(y: float = 80, wide: float = 36) -> list[Stroke]:
    return [curve((-wide, y - 8), (0, y + 10), (wide, y - 8))]


def laugh(y: float = 78, wide: float = 36) -> list[Stroke]:
    return [
        curve((-wide, y - 8), (0, y - 2), (wide, y - 8)),
        curve((-wide, y - 8), (-16, y + 16), (0, y + 21), (16, y + 16), (wide, y - 8)),
        curve((-wide + 7, y - 1), (0, y + 6), (wide - 7, y - 1)),
    ]


def glasses(round_: bool, x: float = 42, wide: float = 31, high: float = 25) -> list[Stroke]:
    left, right, low = x - wide, x + wide, high * 0.8
    corners = ((left, -high), (right, -high), (right, low), (left, low), (left, -high))
    square = np.concatenate([curve(a, b) for a, b in pairwise(corners)])
    lens = arc(x, 0, wide, high) if round_ else square
    return [*both(lens), *both(curve((right, -8), (94, -14))), curve((left, -4), (0, -9), (-left, -4))]


def strands(paths: Sequence[Sequence[tuple[float, float]]], count: int, spread: float) -> list[Stroke]:
    """Repeat strokes, each a little further out."""
    further = [1 + spread * i for i in range(count)]
    return [curve(*((x * f, y - 45 * (f - 1)) for x, y in path)) for path in paths for f in further]


def short_hair(count: int = 4) -> list[Stroke]:
    fringe = [((-86 + 22 * i, -60), (-70 + 20 * i, -96), (-44 + 18 * i, -122)) for i in range(8)]
    hairline = both(curve((93, -34), (86, -62), (60, -84), (0, -78)))
    return skull(96, -136) + strands(fringe, count, 0.03) + hairline


def long_hair(length: float = 190, count: int = 6) -> list[Stroke]:
    side = ((3, -128), (72, -104), (104, -40), (106, 60), (120, length))
    hair = strands([side], count, 0.045)
    return hair + [s * (-1, 1) for s in hair] + both(curve((2, -126), (52, -82), (84, -38), (94, 8)))


def bob(count: int = 6) -> list[Stroke]:
    side = ((0, -134), (78, -112), (112, -40), (112, 40), (92, 92))
    hair = strands([side], count, 0.035)
    fringe = [curve((-70 + 14 * i, -104), (-76 + 15 * i, -70), (-72 + 14 * i, -40)) for i in range(11)]
    return hair + [s * (-1, 1) for s in hair] + fringe


def curls(radius: float = 16) -> list[Stroke]:
    ring = [(np.cos(a) * 100, -50 + np.sin(a) * 84) for a in np.radians(np.arange(175, 370, 13))]
    inner = [(np.cos(a) * 78, -48 + np.sin(a) * 58) for a in np.radians(np.arange(190, 355, 17))]
    return [arc(x, y, radius, radius * 0.9, 40 * i, 40 * i + 420) for i, (x, y) in enumerate(ring + inner)]


def beard(length: float = 34, count: int = 23) -> list[Stroke]:
    angles = np.radians(np.linspace(8, 172, count))
    hairs = []
    for row in (0.86, 1.0, 1.14):
        for i, a in enumerate(angles):
            x, y = np.cos(a) * 84 * row, 34 + np.sin(a) * 92 * row
            if not (abs(x) < 34 and y < 104):
                hairs.append(curve((x, y), (x * 1.02 + (i % 3 - 1) * 2, y + length * 0.5), (x, y + length)))
    return hairs


def moustache() -> list[Stroke]:
    return both(np.concatenate([curve((2 + 5 * i, 62), (6 + 6 * i, 66), (7 + 7 * i, 74)) for i in range(5)]))


def stubble() -> list[Stroke]:
    grid = [(x, y) for x in range(-66, 70, 11) for y in range(60, 122, 9)]
    jaw = [(x, y) for x, y in grid if (x / 80) ** 2 + ((y - 20) / 104) ** 2 < 1]
    return [curve((x, y), (x + 1, y + 3), (x + 1, y + 5)) for x, y in jaw if abs(x) >= 34 or y >= 100]


def fringes() -> list[Stroke]:
    return both(curve((92, -32), (112, -52), (104, -84)))


def wrinkles() -> list[Stroke]:
    folds = both(curve((22, 44), (38, 62), (42, 84))) + both(curve((64, -2), (72, 2), (76, 8)))
    return [*folds, curve((-40, -62), (0, -66), (40, -62)), curve((-34, -74), (0, -78), (34, -74))]


# fmt: off
PORTRAITS = (
    Portrait("01-five-strokes", [head(), dots(), nose_hook(), smile()], pen=5),
    Portrait("02-thick-pen", [
        head(), short_hair(2), eyes(), brows(), nose(), mouth(), shoulders(),
    ], pen=9),
    Portrait("03-thin-pen", [
        head(), short_hair(), ears(), eyes(), brows(), nose(), mouth(), shoulders(),
    ], pen=2),
    Portrait("04-round-glasses", [
        head(), bob(), eyes(), brows(y=-40), nose(), mouth(), glasses(True), shoulders(),
    ]),
    Portrait("05-square-glasses", [
        head(96, 132), short_hair(), ears(), eyes(), brows(y=-42, lift=3), nose(52, 17), mouth(curl=2),
        glasses(False), shoulders(), collar(),
    ], pen=4),
    Portrait("06-full-beard", [
        head(96, 132), short_hair(5), ears(), eyes(), brows(lift=4), nose(50, 18), mouth(), beard(),
        moustache(), shoulders(),
    ]),
    Portrait("07-bald-stubble", [
        head(), skull(), ears(), eyes(open_=7), brows(lift=3), nose(), mouth(wide=28, curl=2), stubble(),
        shoulders(),
    ]),
    Portrait("08-long-hair", [
        head(84, 124), long_hair(), eyes(), brows(lift=11), nose(46, 12), mouth(), shoulders(38),
    ]),
    Portrait("09-long-hair-laughing", [
        head(84, 124), long_hair(170, 9), eyes(open_=7), brows(lift=11), nose(46, 14), laugh(), shoulders(38),
    ], pen=2.5),
    Portrait("10-curls", [
        head(88), curls(), eyes(open_=10), brows(), nose(46, 20), mouth(wide=34), shoulders(),
    ]),
    Portrait("11-old-man", [
        head(94, 134), fringes(), skull(), ears(), eyes(open_=6), brows(lift=5), nose(56, 18),
        mouth(84, 28, 3), wrinkles(), shoulders(),
    ]),
    Portrait("12-unsteady-hand", [
        head(), short_hair(2), ears(), eyes(), brows(), nose_hook(), smile(), shoulders(),
    ], pen=4, tremor=3),
)
# fmt: on


def shaken(stroke: Stroke, random: np.random.Generator, tremor: float) -> Stroke:
    noise = gaussian_filter1d(random.normal(size=stroke.shape), 9, axis=0, mode="nearest")
    return stroke + noise * 5 * tremor + random.normal(size=2) * tremor / 2


def draw(portrait: Portrait) -> Image.Image:
    """A portrait as a gray image (`L`) of 512x512 pixels, black on white."""
    random = np.random.default_rng(zlib.crc32(portrait.name.encode()))
    image = Image.new("L", (SIDE * SCALE, SIDE * SCALE), 255)
    pen = ImageDraw.Draw(image)
    radius = portrait.pen * SCALE / 2
    for stroke in chain.from_iterable(portrait.parts):
        points = (shaken(stroke, random, portrait.tremor) + np.array([SIDE / 2, SIDE * 0.46])) * SCALE
        pen.line([*map(tuple, points)], fill=25, width=round(2 * radius), joint="curve")
        for x, y in points[[0, -1]]:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=25)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for portrait in PORTRAITS:
        draw(portrait).save(folder / f"{portrait.name}.png")
        print(folder / f"{portrait.name}.png")


if __name__ == "__main__":
    main()
