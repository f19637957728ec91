"""Charts as SVG."""

import math
from xml.etree import ElementTree

from s2f_cli.evaluation.charts import curves, histogram, sheet


def _count(svg, tag):
    return len(ElementTree.fromstring(svg).findall(f".//{{*}}{tag}"))


def test_a_histogram_has_bars_and_marks_the_mean():
    chart = histogram([0.0, 0.5, 1.0, math.inf, math.nan], "SSIM")
    assert chart.title == "SSIM"
    assert _count(chart.svg(), "rect") == 24 and _count(chart.svg(), "line") == 2


def test_fewer_than_two_finite_values_have_no_histogram():
    assert histogram([1.0, math.nan], "SSIM") is None


def test_curves_have_a_line_and_a_legend_entry_each():
    lines = {"one": [(0, 1.0), (5, 0.5)], "two": [(0, 0.2), (5, 0.1)], "short": [(0, 1.0)]}
    svg = curves(lines, "loss").svg()
    assert _count(svg, "polyline") == 2
    texts = [text.text for text in ElementTree.fromstring(svg).iter() if text.text]
    assert {"one", "two", "0", "5", "0.1", "1"} <= set(texts) and "short" not in texts


def test_a_line_of_equal_values_is_drawn_and_one_point_is_not():
    assert _count(curves({"flat": [(0, 1.0), (5, 1.0)]}, "loss").svg(), "polyline") == 1
    assert curves({"short": [(0, 1.0)]}, "loss") is None


def test_a_sheet_is_a_document_with_a_title_for_each_chart():
    charts = [curves({"a <&> \x07": [(0, n), (1, 2)]}, f"loss {n} <&>") for n in range(3)]
    document = sheet(charts)
    root = ElementTree.fromstring(document)
    assert document.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    texts = [text.text for text in root.iter() if text.text]
    assert "loss 2 <&>" in texts and "a <&> \\x07" in texts
    assert _count(document, "polyline") == 3 and int(root.get("height")) == 2 * 152
