"""Which files `s2f translate` takes: folders, wildcards, pipes, and names of all kinds."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from s2f_cli.cli import pipes
from s2f_cli.cli.commands.translate.naming import Input, Naming
from s2f_cli.core.errors import S2FError


def test_what_is_doubtful_about_an_input_is_said(translate, here: Path, drawing) -> None:
    drawing(1, 40, 24).save("photo.png")
    Image.new("L", (40, 24), "white").save("blank.png")
    result = translate("--to", "face", "photo.png", "blank.png", "--json")
    assert "photo.png: it looks like a photo, but models to faces expect sketches" in result.err
    assert "blank.png: it is blank" in result.err
    assert [json.loads(line)["doubts"] for line in result.lines][1] == ["it is blank"]


def test_earlier_results_are_not_inputs(translate, sketches: Path) -> None:
    translate("--to", "face", "sketches")
    before = sorted(sketches.iterdir())
    assert translate("--to", "face", "sketches", "--overwrite").code == 0
    assert sorted(sketches.iterdir()) == before


def test_a_wildcard_is_expanded(translate, sketches: Path) -> None:
    assert translate("--to", "face", "sketches/*.png").lines == ["sketches/anna.face.png"]


def test_stdin_to_stdout(translate, sketches: Path) -> None:
    content = (sketches / "anna.png").read_bytes()
    result = translate("--to", "face", "-", stdin=content)
    assert result.code == 0, result.err
    translate("--to", "face", "sketches/anna.png")
    with Image.open(io.BytesIO(result.stdout)) as piped, Image.open(sketches / "anna.face.png") as written:
        assert piped.format == "PNG" and np.array_equal(piped, written)


def test_stdin_to_a_file(translate, sketches: Path) -> None:
    result = translate("--to", "face", "-", "-o", "result.png", stdin=(sketches / "anna.png").read_bytes())
    assert result.lines == ["result.png"] and Path("result.png").is_file()


def test_an_image_is_not_written_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: True, closed=False, fileno=lambda: 1))
    for source, output in (("-", None), ("a.png", pipes.PIPE)):
        with pytest.raises(S2FError, match="not written to a terminal"):
            pipes.piped([Path(source)], output, several=False)
    assert pipes.piped([Path("-")], Path("b.png"), several=False)


def test_names_that_are_one_on_disk_are_not_overwritten(here: Path) -> None:
    inputs = [Input(here / "in" / name, here / "in") for name in ("A.png", "a.jpg", "b.png")]
    Path("Out").mkdir()
    naming = Naming("face", Path("Out"), ".png", overwrite=False)
    assert len(naming.plan_files(inputs).images) == 3
    Path("Folds").mkdir()
    Path("fOLDS").symlink_to("Folds")  # as on a disk that ignores case
    plan = Naming("face", Path("Folds"), ".png", overwrite=False).plan_files(inputs)
    assert [task.source.name for task in plan.images] == ["A.png", "b.png"]
    assert "would overwrite that of" in plan.failures[str(here / "in" / "a.jpg")]


def test_stdin_takes_no_other_input(translate, sketches: Path) -> None:
    assert translate("--to", "face", "-", "sketches/anna.png").code == 2


def test_format_sets_the_format_on_stdout(translate, sketches: Path) -> None:
    content = (sketches / "anna.png").read_bytes()
    piped = translate("--to", "face", "-", "-f", "jpg", stdin=content)
    assert Image.open(io.BytesIO(piped.stdout)).format == "JPEG"
    named = translate("--to", "face", "sketches/anna.png", "-o", "-", "--format", "jpg")
    assert named.stdout == piped.stdout
    for words in (["--json"], ["--compare"], ["--watch"], ["--sheet", "s.png"]):
        assert translate("--to", "face", "-", *words).code == 2


def test_a_name_that_is_too_long_does_not_end_the_batch(translate, sketches: Path) -> None:
    long = sketches / ("n" * 250 + ".png")
    Image.new("L", (16, 16)).save(long)
    result = translate("--to", "face", "sketches")
    assert result.code == 1 and (sketches / "anna.face.png").exists()
    (line,) = [line for line in result.left_out if long.name in line]
    assert "too long" in line


def test_what_a_folder_holds_is_translated_or_named(translate, sketches: Path) -> None:
    (sketches / "more").symlink_to("..", target_is_directory=True)
    (sketches / "loop.png").symlink_to("loop.png")
    for name in ("raw.nef", "clip.mp4", "@eaDir/thumb.png", "Thumbs.db"):
        (sketches / name).parent.mkdir(exist_ok=True)
        (sketches / name).write_bytes(b"II*\0")
    Image.new("L", (16, 16)).save(sketches / "web.jfif", "JPEG")
    result = translate("--to", "face", "sketches")
    assert result.code == 1 and "sketches/web.face.png" in result.lines
    for name in ("more", "loop.png", "raw.nef", "clip.mp4"):
        assert any(f"sketches/{name}" in line for line in result.left_out), name
    assert "@eaDir" not in result.err and "Thumbs" not in result.err


def test_a_wildcard_names_dangling_links(translate, sketches: Path) -> None:
    (sketches / "z.png").symlink_to("nowhere.png")
    result = translate("--to", "face", "sketches/*")
    assert result.code == 1 and any("sketches/z.png" in line for line in result.left_out)


def test_the_output_below_the_folder_is_not_an_input(translate, sketches: Path) -> None:
    first = translate("--to", "face", "sketches", "-o", "sketches/out")
    (sketches / "out/mine.png").write_bytes((sketches / "anna.png").read_bytes())
    again = translate("--to", "face", "sketches", "-o", sketches.resolve() / "out")
    assert again.lines == [] and f"existing results skipped: {len(first.lines)}" in again.err


def test_an_archive_is_explained(translate, sketches: Path) -> None:
    Path("set.zip").write_bytes(b"PK")
    result = translate("--to", "face", "set.zip", "sketches/anna.png")
    assert result.code == 1 and result.lines == ["sketches/anna.face.png"]
    assert "unpack it" in result.left_out[0]
