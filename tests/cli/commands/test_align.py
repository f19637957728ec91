import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from s2f_cli.cli.app import app
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.faces.geometry import PRESETS

run = CliRunner().invoke


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    draw(looks(0, 0)).save(folder / "one.png")
    draw(looks(0, 1)).save(folder / "sub" / "ein Foto ü.jpg")
    Image.new("RGB", (80, 80), "gray").save(folder / "nobody.png")
    return folder


def test_a_folder_is_mirrored(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "aligned"
    result = run(app, ["align", str(photos), "--output", str(out)])
    assert result.exit_code == 1
    assert "no face was found" in result.stderr and "nobody.png" in result.stderr
    files = sorted(p.relative_to(out).as_posix() for p in out.rglob("*.png"))
    assert files == ["one.png", "sub/ein Foto ü.png"]
    assert result.stdout.splitlines() == [str(out / name) for name in files]
    assert Image.open(out / "one.png").size == (128, 128)
    records = [json.loads(line) for line in (out / "alignment.jsonl").read_text().splitlines()]
    assert [Path(r["file"]).name for r in records] == ["one.png", "ein Foto ü.png"]
    assert records[0]["confidence"] > 0
    assert len(records[0]["matrix"]) == 6


def test_a_file_is_aligned_beside_itself_and_through_a_pipe(s2f, photos: Path) -> None:
    photo = photos / "one.png"
    assert s2f("align", photo).out == f"{photos / 'one.aligned.png'}\n"
    assert not (photos / "alignment.jsonl").exists()
    piped = s2f("align", photo, "-o", "-")
    assert piped.stdout == (photos / "one.aligned.png").read_bytes()


def test_existing_faces_are_skipped(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "aligned"
    (out / "sub").mkdir(parents=True)
    (out / "one.png").write_bytes(b"mine")
    result = run(app, ["align", str(photos), "--output", str(out)])
    assert "files kept, because nothing says how they were made: 1" in result.stderr
    assert (out / "one.png").read_bytes() == b"mine"
    run(app, ["align", str(photos), "--output", str(out), "--overwrite", "--preset", "cufs"])
    assert Image.open(out / "one.png").size == (200, 250)
    assert run(app, ["align", str(photos), "--output", str(out), "--preset", "cufs"]).stdout == ""
    other = run(app, ["align", str(photos), "--output", str(out), "--width", "64"])
    assert other.stdout.splitlines()[0] == str(out / "one.png")
    assert Image.open(out / "one.png").size == (64, 64)
    assert len((out / "alignment.jsonl").read_text().splitlines()) == 2


def test_eyes_found_by_hand_replace_a_detection(photos: Path, tmp_path: Path) -> None:
    table = tmp_path / "eyes.csv"
    table.write_text("file,left_x,left_y,right_x,right_y\nnobody.png,30,40,50,40\n")
    out = tmp_path / "aligned"
    result = run(app, ["align", str(photos), "--output", str(out), "--eyes", str(table)])
    assert result.exit_code == 0, result.stderr
    record = next(json.loads(line) for line in (out / "alignment.jsonl").open() if "nobody" in line)
    assert record["confidence"] is None
    assert record["left_eye"] == [30, 40]
    assert np.asarray(Image.open(out / "nobody.png")).std() == 0


def test_left_out_photos_are_tried_and_reported_again(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "aligned"
    words = ["align", str(photos), "--output", str(out)]
    first = run(app, words)
    again = run(app, words)
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert again.stdout == ""
    assert "existing faces skipped: 2" in again.stderr and "nobody.png" in again.stderr
    assert "nobody.png" in (out / "left_out.csv").read_text()
    (photos / "nobody.png").unlink()
    (out / "one.png").write_bytes(b"")
    assert run(app, words).stdout == f"{out / 'one.png'}\n"
    assert not (out / "left_out.csv").exists()
    assert Image.open(out / "one.png").size == (128, 128)


def test_an_output_folder_inside_the_input_folder_is_not_an_input(photos: Path) -> None:
    out = photos / "aligned"
    for _ in range(2):
        run(app, ["align", str(photos), "--output", str(out)])
    assert sorted(p.name for p in out.rglob("*.png")) == ["ein Foto ü.png", "one.png"]
    assert run(app, ["align", str(photos), "--output", str(photos)]).exception


def test_an_unknown_preset_is_an_error(photos: Path, tmp_path: Path) -> None:
    result = run(app, ["align", str(photos), "--output", str(tmp_path / "out"), "--preset", "cuf"])
    assert "'cuf'" in str(result.exception)


def test_help_names_every_preset() -> None:
    text = " ".join(run(app, ["align", "--help"]).stdout.split())
    assert all(f"{name} ({p.width}×{p.height})" in text.replace("│ │ ", "") for name, p in PRESETS.items())


def test_all_faces_are_numbered_and_shown_on_a_preview(photos: Path, tmp_path: Path) -> None:
    group = Image.new("RGB", (512, 256), "gray")
    for number in (0, 1):
        group.paste(draw(looks(0, number)), (256 * number, 0))
    group.save(photos / "group.png")
    draw(looks(0, 2)).save(photos / "group-2.png")
    out, sheet = tmp_path / "aligned", tmp_path / "sheet.png"
    words = ["align", str(photos), "--output", str(out), "--faces", "all", "--preview", str(sheet)]
    result = run(app, words)
    assert "group-2.png" in result.stderr
    names = sorted(p.name for p in out.glob("*.png"))
    assert names == ["group-2.png", "group.png", "one.png"]
    assert Image.open(sheet).width > 500
    table = (out / "left_out.csv").read_text().splitlines()
    assert table[0] == "file,reason"
    assert len(table) == 3
