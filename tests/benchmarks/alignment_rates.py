"""The share of images in which `s2f align` finds a face; run by hand: alignment_rates.py FOLDER …

Prints a Markdown table: images, aligned faces, their rate, and the detector's score (median and lowest).
"""

import statistics
import sys
from functools import partial
from pathlib import Path

from s2f_cli.cli import console
from s2f_cli.core import image_folder, images
from s2f_cli.core.parallel import parallel_map
from s2f_cli.faces import align


def row(folder: Path) -> list[str]:
    """The row of a folder."""
    files = image_folder.find(folder).files
    scores = []
    for outcome in parallel_map(partial(score, align.AlignSettings()), files):
        if outcome.result is not None:
            scores.append(outcome.result)
        else:
            console.say(f"{outcome.item}: {outcome.reason}")
    name = "/".join(folder.parts[-2:])
    rate = f"{len(scores) / len(files):.2%}"
    return [
        name,
        str(len(files)),
        str(len(scores)),
        rate,
        f"{statistics.median(scores):.2f}",
        f"{min(scores):.2f}",
    ]


def score(settings: align.AlignSettings, file: Path) -> float:
    """The detector's score of the aligned face; raises ImageError if there is none."""
    confidence = align.align(images.read(file), settings)[0].face.confidence
    assert confidence is not None
    return confidence


if __name__ == "__main__":
    columns = ["folder", "images", "aligned", "rate", "score, median", "lowest"]
    console.out.print(console.markdown(columns, [row(Path(folder)) for folder in sys.argv[1:]]), markup=False)
