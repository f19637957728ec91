"""`s2f inspect`, and the marks of the results of `s2f translate` and `s2f sample`."""

import json
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from s2f_cli.core import images
from s2f_cli.core.marks import COMPOSITE, TRAINED

FACE = ("--to", "face", "sketches/anna.png")


def mark_of(s2f, file: str | Path) -> dict | None:
    return json.loads(s2f("inspect", file, "--json").out)["mark"]


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_results_are_marked(translate, s2f, sketches: Path, kind: str) -> None:
    translate(*FACE, "-f", kind, "--compare")
    found = json.loads(s2f("inspect", f"sketches/anna.face.{kind}", "--json").out)
    assert (found["format"], found["width"]) == ({"jpg": "JPEG"}.get(kind, kind.upper()), 40)
    mark = found["mark"]
    assert (mark["made"], mark["source"]) == (True, TRAINED)
    assert mark["model"] and "step" in mark["version"] and mark["program"].startswith("s2f ")
    assert mark_of(s2f, f"sketches/anna.face.compare.{kind}")["source"] == COMPOSITE


def test_marked_results_are_equal_byte_for_byte(translate, sketches: Path) -> None:
    translate(*FACE, "-o", "one.png")
    translate(*FACE, "-o", "two.png")
    assert Path("one.png").read_bytes() == Path("two.png").read_bytes()


def test_sketches_as_svg_are_marked(translate, s2f, sketches: Path) -> None:
    pytest.importorskip("vtracer")
    result = translate("--to", "sketch", "sketches/anna.png", "--format", "svg", "--compare")
    assert result.lines == ["sketches/anna.sketch.svg", "sketches/anna.sketch.compare.png"]
    assert mark_of(s2f, "sketches/anna.sketch.svg")["source"] == TRAINED
    again = translate("--to", "sketch", "sketches/anna.png", "--format", "svg", "--seed", "1")
    assert again.lines == ["sketches/anna.sketch.svg"]  # other settings, which the file knows
    piped = translate("--to", "sketch", "sketches/anna.png", "-o", "-", "--format", "svg")
    assert piped.stdout.startswith(b"<?xml") and TRAINED.encode() in piped.stdout
    refused = translate(*FACE, "-o", "a.svg")
    assert refused.code == 2 and "an SVG holds lines" in refused.err


def test_no_mark_leaves_it_out(translate, s2f, sketches: Path) -> None:
    translate(*FACE, "--no-mark", "-o", "a.png")
    assert mark_of(s2f, "a.png") is None
    assert "mark:    none" in s2f("inspect", "a.png").out


def test_results_on_stdout_are_marked(translate, s2f, sketches: Path) -> None:
    piped = translate("--to", "face", "-", stdin=(sketches / "anna.png").read_bytes())
    Path("piped.png").write_bytes(piped.stdout)
    assert mark_of(s2f, "piped.png")["made"]


def test_date_and_profile_are_kept_if_asked(translate, s2f, sketches: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = "2026:01:02 03:04:05"
    exif[ExifTags.Base.Make] = "a camera"
    images.read(sketches / "anna.png").save(sketches / "dated.png", exif=exif)
    translate("--to", "face", "sketches/dated.png", "-o", "kept.jpg", "--keep-metadata")
    translate("--to", "face", "sketches/dated.png", "-o", "plain.jpg")
    with Image.open("kept.jpg") as kept, Image.open("plain.jpg") as plain:
        assert dict(kept.getexif()) == {ExifTags.Base.DateTime: "2026:01:02 03:04:05"}
        assert not plain.getexif()
    assert mark_of(s2f, "kept.jpg")["made"]


def test_the_text_names_the_model_and_unreadable_files_are_left_out(translate, s2f, sketches: Path) -> None:
    translate(*FACE, "-o", "a.png")
    shown = s2f("inspect", "none.png", "a.png", "sketches/bo.jpg")
    assert shown.code == 1 and "there is no file none.png" in shown.err
    assert shown.lines[:3] == ["a.png", "  image:   PNG, 40x24", f"  mark:    {TRAINED} (made by a model)"]
    assert shown.lines[-1] == "  mark:    none"
