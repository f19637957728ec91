"""How much a translated portrait flickers: the mean change between frames of a still face.

    python tests/benchmarks/video_steadiness.py --seconds 2

Makes videos of scikit-image's astronaut at 25 frames per second: one with the noise of a camera, one that
also shakes. Translates each with and without --steady, and prints the mean absolute change from a frame to
the next within the face, in levels of 255. Shaking is undone before frames are compared.
"""

import argparse
import itertools
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from s2f_cli.core import video
from s2f_cli.faces import align

RATE = Fraction(25)


def shifted(image: Image.Image, shift: np.ndarray) -> Image.Image:
    matrix = (1, 0, shift[0], 0, 1, shift[1])
    return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


def make(path: Path, shifts: np.ndarray, noise: float, side: int) -> None:
    """A video of the astronaut: a shift in pixels per frame, and the standard deviation of its noise."""
    import av

    rng = np.random.default_rng(0)
    photo = Image.fromarray(data.astronaut()).resize((side, side), Image.Resampling.LANCZOS)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("h264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = side, side, "yuv420p"
        stream.options = {"crf": "16"}
        for number, shift in enumerate(shifts):
            levels = np.asarray(shifted(photo, shift), float) + rng.normal(0, noise, (side, side, 3))
            frame = av.VideoFrame.from_ndarray(levels.clip(0, 255).round().astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, 1 / RATE
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def change(path: Path, shifts: np.ndarray, box: tuple[int, ...]) -> float:
    """The mean absolute change from frame to frame inside a box, in levels."""
    frames = [
        np.asarray(shifted(frame, -shift).crop(box), float)
        for frame, shift in zip(video.frames(video.probe(path)), shifts, strict=True)
    ]
    return float(np.mean([np.abs(b - a).mean() for a, b in itertools.pairwise(frames)]))


def translate(clip: Path, target: Path, *options: str) -> None:
    command = [sys.executable, "-m", "s2f_cli", "translate", str(clip), "-o", str(target), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--noise", type=float, default=4)
    parser.add_argument("--to", default="sketch")
    arguments = parser.parse_args()
    count = round(arguments.seconds * RATE)
    rng = np.random.default_rng(1)
    tremble = rng.normal(0, 0.5, (count, 2)) + 2 * np.sin(np.arange(count) / 8)[:, None]
    largest = align.find_largest(Image.fromarray(data.astronaut()))
    assert largest is not None
    box = tuple(round(side * arguments.side / 512) for side in largest.box)
    print("video | input | --no-steady | --steady")
    with tempfile.TemporaryDirectory() as folder:
        for name, shifts in (("still", np.zeros((count, 2))), ("shaking", tremble)):
            clip = Path(folder) / f"{name}.mp4"
            make(clip, shifts, arguments.noise, arguments.side)
            figures = [change(clip, shifts, box)]
            for option in ("--no-steady", "--steady"):
                result = clip.with_name(f"{name}{option}.mp4")
                translate(clip, result, "--to", arguments.to, option)
                figures.append(change(result, shifts, box))
            print(name, *(f"{figure:.2f}" for figure in figures), sep=" | ")


if __name__ == "__main__":
    main()
