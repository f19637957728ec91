"""The curves that a run has logged, and pictures of them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from s2f_cli.core.errors import RunError

_NOT_CURVES = {"step", "epoch"}
_COLOURS = ("#2563a8", "#c2571a", "#2f7d4f", "#8a3f8f", "#8a6d1d", "#4a4f57")
_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT, _COLUMNS = 420, 240, 64, 24, 24, 2

Points = Sequence[tuple[float, float]]


class Curves(dict[str, list[tuple[float, float]]]):
    """By name (`player/term`, `split/score`), the steps and values that a run has logged."""

    @classmethod
    def of(cls, run: Path) -> "Curves":
        """The curves of a run folder; broken lines of its log are passed over.

        Raises RunError when there is no log.
        """
        file = run / "log.jsonl"
        if not file.is_file():
            raise RunError(f"{run} has no log.jsonl", "name the folder of a run that has logged a step")
        curves = cls()
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue
            for name, value in record.items():
                if name not in _NOT_CURVES and isinstance(value, int | float):
                    curves.setdefault(name, []).append((record["step"], value))
        return curves

    def last(self) -> dict[str, float]:
        """The last value of each curve."""
        return {name: points[-1][1] for name, points in self.items()}


def by_curve(runs: Mapping[str, Curves]) -> dict[str, dict[str, Points]]:
    """By name of a curve, that of each run that has it."""
    names = sorted({name for curves in runs.values() for name in curves})
    return {name: {run: curves[name] for run, curves in runs.items() if name in curves} for name in names}


def draw(panels: Mapping[str, Mapping[str, Points]]) -> Image.Image:
    """A picture of panels side by side, each with one line a run, the runs' names in the first."""
    rows = -(-len(panels) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * _WIDTH, max(rows, 1) * _HEIGHT), "white")
    for number, (title, lines) in enumerate(panels.items()):
        row, column = divmod(number, _COLUMNS)
        sheet.paste(_panel(title, lines), (column * _WIDTH, row * _HEIGHT))
    return sheet


def _panel(title: str, lines: Mapping[str, Points]) -> Image.Image:
    panel = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    pen = ImageDraw.Draw(panel)
    xs, ys = zip(*(point for points in lines.values() for point in points), strict=True)
    low, high, bottom, top = min(xs), max(xs), min(ys), max(ys)
    width, height = _WIDTH - _LEFT - 12, _HEIGHT - _TOP - _FOOT

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - low) / ((high - low) or 1)
        up = (y - bottom) / ((top - bottom) or 1)
        return _LEFT + across * width, _TOP + (1 - up) * height

    pen.rectangle((_LEFT, _TOP, _LEFT + width, _TOP + height), outline="#b0b4ba")
    pen.text((_LEFT, 6), title, fill="black")
    pen.text((4, _TOP), f"{top:.3g}", fill="#4a4f57")
    pen.text((4, _TOP + height - 10), f"{bottom:.3g}", fill="#4a4f57")
    pen.text((_LEFT, _HEIGHT - 18), f"{low:.0f}", fill="#4a4f57")
    pen.text((_LEFT + width - 40, _HEIGHT - 18), f"{high:.0f}", fill="#4a4f57")
    for number, (run, points) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        pen.line([place(*point) for point in points], fill=colour, width=2)
        pen.text((_LEFT + 8, _TOP + 4 + 12 * number), run, fill=colour)
    return panel
