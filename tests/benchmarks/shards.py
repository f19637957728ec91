"""What dividing a translation costs: processor seconds of one worker, and of each of two shards.

    python tests/benchmarks/shards.py --count 24

Translates crops of scikit-image's astronaut, 256 pixels wide, with one worker, then as two shards; compares
the files, and prints the processor seconds of each, of a start, and of a million pictures.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from skimage import data


def translate(inputs: Path, output: Path, shard: str) -> float:
    """Translate one shard; returns its processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["translate", "--to", "sketch", "--model", "face-to-sketch", str(inputs), "-o", str(output)]
    subprocess.run(
        [sys.executable, "-m", "s2f_cli", *command, "--shard", shard], check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=24)
    count = parser.parse_args().count
    photo = Image.fromarray(data.astronaut())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "photos").mkdir()
        for number in range(count):
            left = 90 + 120 * number / count
            photo.crop((round(left), 0, round(left) + 256, 256)).save(folder / f"photos/{number:04}.png")
        one = translate(folder / "photos", folder / "one", "0/1")
        two = [translate(folder / "photos", folder / "two", f"{index}/2") for index in range(2)]
        results = sorted((folder / "one").glob("*.png"))
        assert len(results) == count
        assert all(file.read_bytes() == (folder / "two" / file.name).read_bytes() for file in results)
    start = max(sum(two) - one, 0)
    each = (one - start) / count
    print(f"one worker {one:.2f} s, two workers {two[0]:.2f} s and {two[1]:.2f} s; files are equal")
    print(f"a start {start:.2f} s, a picture {each:.3f} s: {1 / each:.1f} pictures a second and core")
    print(f"a million pictures: {each * 1e6 / 3600:.0f} core hours")


if __name__ == "__main__":
    main()
