"""Histograms and curves as SVG, for the report."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

_WIDTH, _HEIGHT, _LEFT, _FOOT = 300, 120, 44, 18
_BINS = 24
_COLOURS = ("#2563a8", "#c2571a", "#2f7d4f", "#8a3f8f", "#8a6d1d", "#4a4f57")


def histogram(values: Sequence[float], title: str) -> str:
    """The distribution of finite scores, the mean marked; empty for fewer than two."""
    finite = np.array([v for v in values if np.isfinite(v)])
    if len(finite) < 2:
        return ""
    counts, edges = np.histogram(finite, bins=_BINS)
    low, high = edges[0], edges[-1]
    width = (_WIDTH - _LEFT) / _BINS
    bars = "".join(
        f'<rect x="{_LEFT + n * width:.1f}" y="{_HEIGHT - _FOOT - (h := _scale(count, counts.max())):.1f}" '
        f'width="{width - 1:.1f}" height="{h:.1f}" fill="{_COLOURS[0]}"/>'
        for n, count in enumerate(counts)
    )
    mean = _LEFT + (finite.mean() - low) / (high - low) * (_WIDTH - _LEFT)
    line = f'<line x1="{mean:.1f}" x2="{mean:.1f}" y1="4" y2="{_HEIGHT - _FOOT}" class="mean"/>'
    return _figure(title, bars + line + _axes(low, high, 0, int(counts.max())))


def curves(series: Mapping[str, Sequence[tuple[float, float]]], title: str) -> str:
    """Lines through (step, value) points, a colour and a legend entry each; empty without two points."""
    drawn = {name: points for name, points in series.items() if len(points) > 1}
    if not drawn:
        return ""
    xs, ys = zip(*(point for points in drawn.values() for point in points), strict=True)
    low, high, bottom, top = min(xs), max(xs), min(ys), max(ys)
    parts = []
    for number, (name, points) in enumerate(drawn.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = " ".join(
            f"{_LEFT + (x - low) / max(high - low, 1e-12) * (_WIDTH - _LEFT):.1f},"
            f"{_HEIGHT - _FOOT - _scale(y - bottom, max(top - bottom, 1e-12)):.1f}"
            for x, y in points
        )
        parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.4"/>')
        parts.append(
            f'<text x="{_WIDTH}" y="{14 + 12 * number}" text-anchor="end" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    return _figure(title, "".join(parts) + _axes(low, high, bottom, top))


def _scale(value: float, full: float) -> float:
    return float(value / full * (_HEIGHT - _FOOT - 8))


def _axes(low: float, high: float, bottom: float, top: float) -> str:
    base = _HEIGHT - _FOOT
    return (
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{base}" y2="{base}" class="axis"/>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 4}">{low:.4g}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 4}" text-anchor="end">{high:.4g}</text>'
        f'<text x="{_LEFT - 4}" y="{base}" text-anchor="end">{bottom:.3g}</text>'
        f'<text x="{_LEFT - 4}" y="12" text-anchor="end">{top:.3g}</text>'
    )


def _figure(title: str, content: str) -> str:
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH + 4} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">{content}</svg></figure>'
    )
