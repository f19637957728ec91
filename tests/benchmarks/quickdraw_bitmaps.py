"""Correlation of strokes drawn at 28×28 with bitmaps of the same drawings.

Run by hand: quickdraw_bitmaps.py FILE.ndjson FILE.npy, with the same drawings in the same order. Prints the
mean and lowest correlation of a drawing with its bitmap, and how many drawings correlate most with their own.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from s2f_cli.cli import console
from s2f_cli.data.source import Item
from s2f_cli.data.sources.quickdraw import Quickdraw


def pixels(file: Path) -> npt.NDArray[np.float64]:
    """The drawings of a file, (n, 784)."""
    items = [item for item in Quickdraw(file, size=28).items() if isinstance(item, Item)]
    draw = [item.images["sketch"] for item in items]
    return np.stack([np.asarray(d(), float).ravel() for d in draw if not isinstance(d, Path)])


if __name__ == "__main__":
    ours, theirs = (pixels(Path(file)) for file in sys.argv[1:])
    correlations = np.corrcoef(ours, theirs)[: len(ours), len(ours) :]
    own = int((correlations.argmax(axis=1) == np.arange(len(ours))).sum())
    pairs = np.diag(correlations)
    row = [str(len(ours)), f"{pairs.mean():.2f}", f"{pairs.min():.2f}", str(own)]
    columns = ["drawings", "mean correlation", "lowest", "closest to their own bitmap"]
    console.out.print(console.markdown(columns, [row]), markup=False)
