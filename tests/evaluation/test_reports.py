"""JUnit and HTML reports."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as Xml

import pytest
from PIL import Image

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.gallery import Gallery
from s2f_cli.evaluation.html_report import html_report
from s2f_cli.evaluation.junit import junit
from s2f_cli.evaluation.results import EvaluationResult
from s2f_cli.evaluation.scoring import Sample, Score, Scores, find_metrics

METRICS = find_metrics(["mse", "ssim", "psnr"])


def _result(name="gen <&> \x07", count=12, gallery=None):
    per_image = {f"p{n} <i>": {"mse": n / 100, "ssim": 1 - n / 100} for n in range(count)}
    failed = {"psnr": MetricError("no <psnr>")}
    scores = Scores({"mse": Score(0.1, 12), "ssim": Score(0.9, 12)}, per_image, failed, {}, {}, {})
    return EvaluationResult(
        name, "face → sketch", "data", scores, {"bad \udcff.png": "is empty"}, {"seed": "3"}, gallery=gallery
    )


def test_junit_has_a_case_for_each_metric_and_each_file_left_out():
    control = EvaluationResult("c", "", "", Scores({}, {}, {}, {}, {}, {}), kind="control")
    root = Xml.fromstring(junit([_result(), control], METRICS, [{"ssim": "ssim is 0.9, under 1"}, {}]))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "2")
    cases = {case.get("name"): case for case in suite}
    assert list(cases) == ["mse", "ssim", "psnr", "bad \\udcff.png"]
    assert cases["ssim"].find("failure").get("message") == "ssim is 0.9, under 1"
    assert cases["psnr"].find("error").get("message") == "no <psnr>"
    assert cases["mse"].find("properties/property").get("value") == "0.1"


class _Checker(HTMLParser):
    """Collects tags, and checks that every tag is closed."""

    VOID = ("meta", "img")

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def page(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    lines = [f'{{"step": {n}, "stage": "train", "epoch": 0, "player/loss": {1 / n}}}' for n in (1, 2, 3)]
    lines += [f'{{"step": {n}, "val/ssim:face": {n / 9}, "val/ssim": {n / 8}}}' for n in (1, 3)]
    (run / "log.jsonl").write_text("\n".join(lines))
    gallery = Gallery()
    for name in _result().scores.per_image:
        gallery.add(
            Sample(name, Image.new("L", (300, 200)), Image.new("RGB", (300, 200)), {}, Image.new("L", (9, 9)))
        )
    return html_report([_result(str(run), gallery=gallery)], METRICS, by=["sex"], command="s2f evaluate <x>")


def test_the_page_is_well_formed_and_needs_no_other_file(page):
    checker = _Checker()
    checker.feed(page)
    assert checker.open == []
    sources = [a.get("src", "") for tag, a in checker.seen if tag == "img"]
    assert sources and all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert not re.search(r"https?://|<script|<link", page)


def test_the_page_shows_images_histograms_curves_breakdowns_and_provenance(page):
    for text in ("best by MSE", "median by MSE", "worst by MSE", "player: losses by step", "by sex", "seed"):
        assert text in page
    assert page.count("<svg") == 4 and "ssim on val by step" in page
    best = page.index("best by MSE")
    assert page.index("p0 &lt;i&gt;", best) < page.index("median by MSE")
    assert "s2f evaluate &lt;x&gt;" in page and "no &lt;psnr&gt;" in page and "<i>" not in page


def test_few_samples_are_shown_in_one_sheet():
    gallery = Gallery()
    gallery.add(Sample("a", Image.new("L", (9, 9)), Image.new("L", (9, 9))))
    assert list(gallery.pick({"a": 1.0, "unseen": 2.0}, best_first=True)) == ["from best to worst"]
    assert gallery.pick({}, best_first=True) == {}


def test_the_best_are_the_highest_or_the_lowest():
    gallery = Gallery()
    for n in range(20):
        gallery.add(Sample(str(n), Image.new("L", (9, 9)), Image.new("L", (9, 9))))
    scores = {str(n): float(n) for n in range(20)}
    assert [name for name, _ in gallery.pick(scores, best_first=True)["best"]] == ["19", "18", "17"]
    picked = gallery.pick(scores, best_first=False)
    assert [name for name, _ in picked["best"]] == ["0", "1", "2"]
    assert [name for name, _ in picked["worst"]] == ["17", "18", "19"]
