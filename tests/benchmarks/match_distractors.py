"""Make faces of people who do not exist, as distractors for match_ranks.py. Run by hand:

    python tests/benchmarks/match_distractors.py SKETCHES … --output FOLDER [--count N]

SKETCHES are folders of sketches as the preset `ffhq` aligns them, such as `train/sketch` of a data set that
was prepared with `--align ffhq`. Each is mirrored, so that the face is not that of its photo, and the shipped
model sketch-to-face makes a face of it in skin, hair and backdrop drawn at random. A sketch whose face is in
FOLDER already is skipped, so an interrupted run continues.
"""

import argparse
import random
from pathlib import Path

from PIL import ImageOps

from s2f_cli.cli import console
from s2f_cli.core import image_folder, images
from s2f_cli.matching import describe
from s2f_cli.models import colours


def looks(name: str) -> dict[str, str]:
    """The colours of a face, which depend on its name alone."""
    draw = random.Random(name)
    skin, hair = (draw.choice(list(colours.NAMES[region].values())) for region in ("skin", "hair"))
    return {"skin": skin, "hair": hair, "backdrop": f"#{draw.randrange(2**24):06x}"}


def main() -> None:
    """Make the faces that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sketches", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--count", type=int, help="of each folder, its first sketches by name")
    options = parser.parse_args()
    made = 0
    for number, folder in enumerate(options.sketches):
        for sketch in image_folder.find(folder).files[: options.count]:
            target = options.output / f"{number}-{sketch.stem}.png"
            if target.exists():
                continue
            drawn = ImageOps.mirror(images.read(sketch).convert("L"))
            (face,) = describe.model().translate([drawn], "face", conditions=looks(target.name))
            images.write(face, target)
            made += 1
    console.say(f"{made} faces made in {options.output}")


if __name__ == "__main__":
    main()
