from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from typer.testing import CliRunner

from s2f_cli.cli.app import app
from s2f_cli.core import registry
from s2f_cli.data.drawn_faces import draw, looks

run = CliRunner().invoke


def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    draw(looks(0, 0)).save(folder / "one.png")
    draw(looks(0, 0)).save(folder / "sub" / "two.jpg")
    (folder / "broken.jpg").write_bytes(b"no image")
    return folder


def test_a_folder_is_mirrored(tmp_path: Path) -> None:
    out = tmp_path / "drawn"
    result = run(app, ["sketchify", str(photos(tmp_path)), "--output", str(out)])
    assert result.exit_code == 1
    assert "broken.jpg" in result.stderr
    assert result.stdout.splitlines() == [str(out / "one.png"), str(out / "sub" / "two.png")]
    sketch = Image.open(out / "one.png")
    assert (sketch.mode, sketch.size) == ("L", (256, 256))
    head, line = (out / "left_out.csv").read_text().splitlines()
    assert head == "file,reason" and "broken.jpg" in line and "not an image" in line
    first = sketch.tobytes()
    again = run(app, ["sketchify", str(tmp_path / "photos"), "--output", str(out)])
    assert "existing sketches skipped: 2" in again.stderr
    assert Image.open(out / "one.png").tobytes() == first
    run(app, ["sketchify", str(tmp_path / "photos"), "--output", str(out), "--seed", "1"])
    assert Image.open(out / "one.png").tobytes() != first


def test_a_file_is_drawn_beside_itself_to_a_file_and_through_a_pipe(s2f, here: Path) -> None:
    draw(looks(0, 0)).resize((64, 64)).save("one.png")
    assert s2f("sketchify", "one.png").out == "one.sketch.png\n"
    assert s2f("sketchify", "*.png", "-o", "mine.jpg").lines == ["mine.jpg"]
    assert Image.open("mine.jpg").format == "JPEG"
    piped = s2f("sketchify", "-", stdin=Path("one.png").read_bytes())
    Path("piped.png").write_bytes(piped.stdout)
    with Image.open("piped.png") as drawn, Image.open("one.sketch.png") as beside:
        assert (drawn.mode, drawn.size) == ("L", (64, 64)) == (beside.mode, beside.size)
    refused = s2f("sketchify", "one.png", "mine.jpg", "-o", "-")
    assert refused.code == 2 and "take one image" in refused.err


def test_two_photos_with_the_same_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for suffix in ("png", "bmp"):
        Image.new("RGB", (20, 20), "red").save(folder / f"a.{suffix}")
    result = run(app, ["sketchify", str(folder), "--output", str(tmp_path / "drawn")])
    assert result.exit_code == 1
    assert "would overwrite that of" in result.stderr


def test_an_unknown_sketcher_is_an_error(tmp_path: Path) -> None:
    result = run(app, ["sketchify", str(tmp_path), "--output", str(tmp_path / "o"), "--sketcher", "doge"])
    assert "'doge'" in str(result.exception)


def test_a_sketcher_may_be_written_with_a_hyphen(tmp_path: Path) -> None:
    folder = photos(tmp_path)
    for name in ("report_b", "report-b"):
        run(app, ["sketchify", str(folder), "--output", str(tmp_path / name), "--sketcher", name])
    assert (tmp_path / "report_b/one.png").read_bytes() == (tmp_path / "report-b/one.png").read_bytes()


def test_a_preview_shows_every_sketcher(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    words = ["sketchify", str(photos(tmp_path)), "--output", str(tmp_path / "o"), "--preview", str(sheet)]
    assert run(app, [*words, "--sketcher", "xdog"]).stdout.splitlines()[-1] == str(sheet)
    columns = 1 + len(registry.names("sketchers"))
    assert Image.open(sheet).size == (columns * 260 + 4, 2 * 260 + 4 + 16)


def test_what_cannot_be_used_is_named_and_litter_is_not(tmp_path: Path) -> None:
    folder = photos(tmp_path)
    (folder / "more").symlink_to(tmp_path, target_is_directory=True)
    (folder / "c.png").symlink_to("nowhere.png")
    (folder / "d.psd").write_bytes(b"")
    (folder / "@eaDir").mkdir()
    (folder / "@eaDir/thumb.jpg").write_bytes(b"")
    Image.new("RGB", (64, 64)).save(folder / "e.jfif", "JPEG")
    result = run(app, ["sketchify", str(folder), "--output", str(folder / "drawn")])
    assert result.exit_code == 1
    assert (folder / "drawn/e.png").exists()
    table = (folder / "drawn/left_out.csv").read_text()
    for name in ("more", "c.png", "d.psd", "broken.jpg"):
        assert str(folder / name) in result.stderr and str(folder / name) in table
    assert "@eaDir" not in result.stderr + result.stdout


def test_an_archive_is_explained(s2f: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "set.zip").touch()
    result = s2f("sketchify", tmp_path / "set.zip", "-o", tmp_path / "out")
    assert result.code == 1 and "is an archive" in result.err and "unpack it" in result.err
