"""Draw histograms and curves as SVG, to embed in HTML or lay out on a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

import numpy as np

from s2f_cli.evaluation.xml_text import xml_text

Point = tuple[float, float]

_WIDTH, _HEIGHT, _LEFT, _FOOT, _TITLE, _COLUMNS = 300, 120, 44, 18, 16, 2
_BINS = 24
_COLOURS = ("#2563a8", "#c2571a", "#2f7d4f", "#8a3f8f", "#8a6d1d", "#4a4f57")
_FONT = {"font-family": "system-ui, sans-serif", "font-size": "10"}


@dataclass(frozen=True)
class Chart:
    """One chart, without its title, in a box of fixed size."""

    title: str
    elements: tuple[Xml.Element, ...]

    def svg(self) -> str:
        """The chart as an `<svg>` element for HTML."""
        view = {"viewBox": f"0 0 {_WIDTH + 4} {_HEIGHT}", "role": "img", "aria-label": xml_text(self.title)}
        root = Xml.Element("svg", {**view, **_FONT})
        root.extend(self.elements)
        return Xml.tostring(root, encoding="unicode")


def sheet(charts: Sequence[Chart]) -> str:
    """An SVG document with charts in two columns, each under its title."""
    width, height = _WIDTH + 24, _HEIGHT + _TITLE + 16
    rows = -(-len(charts) // _COLUMNS)
    size = {"width": str(_COLUMNS * width), "height": str(rows * height)}
    root = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **_FONT})
    Xml.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "white"})
    for number, chart in enumerate(charts):
        row, column = divmod(number, _COLUMNS)
        place = f"translate({column * width + 8} {row * height + 8})"
        group = Xml.SubElement(root, "g", transform=place)
        group.append(_text(chart.title, _LEFT, _TITLE - 5))
        Xml.SubElement(group, "g", transform=f"translate(0 {_TITLE})").extend(chart.elements)
    return Xml.tostring(root, encoding="unicode") + "\n"


def histogram(values: Sequence[float], title: str) -> Chart | None:
    """The distribution of values, with their mean marked; None for fewer than two finite values."""
    finite = np.array([value for value in values if np.isfinite(value)])
    if len(finite) < 2:
        return None
    counts, edges = np.histogram(finite, bins=_BINS)
    low, high = float(edges[0]), float(edges[-1])
    width = (_WIDTH - _LEFT) / _BINS
    bars = []
    for number, count in enumerate(counts):
        height = _scaled(count, counts.max())
        box = (_LEFT + number * width, _HEIGHT - _FOOT - height, width - 1, height)
        attributes = {k: f"{v:.1f}" for k, v in zip(("x", "y", "width", "height"), box, strict=True)}
        bars.append(Xml.Element("rect", {**attributes, "fill": _COLOURS[0]}))
    mean = _LEFT + (float(finite.mean()) - low) / (high - low) * (_WIDTH - _LEFT)
    marker = _line((mean, 4), (mean, _HEIGHT - _FOOT), _COLOURS[1], 1.5)
    return Chart(title, (*bars, marker, *_axes(low, high, 0, int(counts.max()))))


def curves(series: Mapping[str, Sequence[Point]], title: str) -> Chart | None:
    """Lines through (step, value) points, with a legend; None if no line has two points."""
    lines = {name: points for name, points in series.items() if len(points) > 1}
    if not lines:
        return None
    xs, ys = zip(*(point for points in lines.values() for point in points), strict=True)
    low, high, bottom, top = min(xs), max(xs), min(ys), max(ys)
    elements = []
    for number, (name, points) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = " ".join(
            f"{_LEFT + (x - low) / max(high - low, 1e-12) * (_WIDTH - _LEFT):.1f},"
            f"{_HEIGHT - _FOOT - _scaled(y - bottom, max(top - bottom, 1e-12)):.1f}"
            for x, y in points
        )
        style = {"fill": "none", "stroke": colour, "stroke-width": "1.4"}
        elements.append(Xml.Element("polyline", {"points": places, **style}))
        elements.append(_text(name, _WIDTH, 14 + 12 * number, "end", colour))
    return Chart(title, (*elements, *_axes(low, high, bottom, top)))


def _scaled(value: float, maximum: float) -> float:
    return float(value / maximum * (_HEIGHT - _FOOT - 8))


def _axes(low: float, high: float, bottom: float, top: float) -> list[Xml.Element]:
    base = _HEIGHT - _FOOT
    axis = _line((_LEFT, base), (_WIDTH, base), "currentColor", 1)
    axis.set("opacity", "0.5")
    return [
        axis,
        _text(f"{low:.4g}", _LEFT, _HEIGHT - 4),
        _text(f"{high:.4g}", _WIDTH, _HEIGHT - 4, "end"),
        _text(f"{bottom:.3g}", _LEFT - 4, base, "end"),
        _text(f"{top:.3g}", _LEFT - 4, 12, "end"),
    ]


def _line(start: Point, end: Point, colour: str, width: float) -> Xml.Element:
    (x1, y1), (x2, y2) = start, end
    places = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
    return Xml.Element("line", {**places, "stroke": colour, "stroke-width": f"{width:g}"})


def _text(text: str, x: float, y: float, anchor: str = "start", colour: str = "currentColor") -> Xml.Element:
    attributes = {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": anchor, "fill": colour}
    element = Xml.Element("text", attributes)
    element.text = xml_text(text)
    return element
