"""How long a search in a large gallery takes; run by hand: match_speed.py [FACES].

Writes an index of FACES random faces (100 000) to a temporary folder, and prints the size of its file, the
seconds that reading it and ranking one sketch take, by the clock and of the processor. The best of five runs.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from s2f_cli.matching import describe, projection, search
from s2f_cli.matching.index import Index


def best(function: Callable[[], object]) -> str:
    """The seconds of the fastest of five calls: by the clock, and of the processor."""
    clock, processor = [], []
    for _ in range(5):
        start, busy = time.perf_counter(), time.process_time()
        function()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
    return f"{min(clock):.3f} s (processor: {min(processor):.3f} s)"


def main() -> None:
    """Measure, and print one line."""
    faces = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    random = np.random.default_rng(0)
    rows = random.normal(size=(faces, projection.WIDTH)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = Index(
        [f"folder/{number:09}.jpg" for number in range(faces)],
        np.zeros((faces, 2), np.int64),
        [""] * faces,
        np.arange(faces),
        np.zeros((faces, 4), np.float32),
        rows,
    )
    with TemporaryDirectory() as folder:
        file = Path(folder) / "index"
        index.save(file, describe.FEATURES)
        reading = best(lambda: search.open_index(Path(folder), file))
        ranking = best(lambda: search.rank(index, rows[faces // 2], 10))
        assert search.rank(index, rows[faces // 2], 1)[0].name == index.names[faces // 2]
        print(f"{faces} faces: {file.stat().st_size / 1e6:.0f} MB, read in {reading}, ranked in {ranking}")


if __name__ == "__main__":
    main()
