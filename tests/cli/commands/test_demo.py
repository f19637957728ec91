"""`s2f demo` with a tiny recipe."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from s2f_cli.cli.app import app
from s2f_cli.cli.commands import demo
from s2f_cli.models import recipes


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    text = recipes.file_of("unet-pairs").read_text(encoding="utf-8")
    file = tmp_path / "tiny.toml"
    file.write_text(text.replace("size = 128", "size = 16").replace("features = 16", "features = 2"))
    return file


@pytest.fixture(autouse=True)
def small_photo(monkeypatch: pytest.MonkeyPatch, drawing: Callable[..., Image.Image]) -> None:
    monkeypatch.setattr(demo, "_photo", lambda: drawing(0, 64, 64))


def test_demo_leaves_images_and_a_score_table(tiny: Path, tmp_path: Path) -> None:
    output = tmp_path / "demo"
    line = ["demo", "--output", str(output), "--recipe", str(tiny), "--steps", "2"]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 0, done.output
    table = (output / "scores.md").read_text(encoding="utf-8")
    assert "face → sketch" in table and "sketch → face" in table and "SSIM" in table
    assert done.stdout.split() == [
        str(output / name) for name in ("photo.sketch.png", "sketch.png", "face.png", "scores.md")
    ]
    assert len(list((output / "made-face").glob("*.face.png"))) == 16
    for command in ("prepare demo", f"train {tiny}", "translate --to sketch", f"evaluate {output / 'run'}"):
        assert f"$ s2f {command}" in done.stderr
    assert "[2/6] a data set of drawn faces, about " in done.stderr

    again = CliRunner().invoke(app, line)
    assert again.exit_code == 0, again.output
    assert (output / "scores.md").read_text(encoding="utf-8") == table


def test_demo_fails_if_one_of_its_commands_fails(s2f, tmp_path: Path) -> None:
    demo._photo().save(tmp_path / "photo.png")
    (tmp_path / "data").write_text("in the way")
    done = s2f("demo", "--output", tmp_path, "--steps", 1)
    assert done.code == 1 and "there is no prepared data set" in done.err and "[3/" not in done.err


def test_the_default_recipe_is_small_and_announced() -> None:
    *_, training, _, _, _ = demo._parts(Path("out"), Path("photo.png"), demo.RECIPE, None)
    assert training.seconds and "--steps" in training.words
    recipe = recipes.read(demo.RECIPE, demo.SMALL)
    assert recipe.image.size == 64 and recipe.stages[0].batch_size == 4


def test_later_estimates_follow_the_speed_of_what_is_done() -> None:
    parts = [demo._Part("a", [], 2), demo._Part("b", [], 40), demo._Part("c", [], None)]
    assert demo._duration(parts[:2], 3.0) == ", about 2 min"
    assert demo._duration(parts, 3.0) == ""


def test_demo_keeps_the_files_of_a_folder_that_is_no_demo(s2f, tmp_path: Path) -> None:
    mine = tmp_path / "photo.png"
    Image.new("L", (8, 8)).save(mine)
    before = mine.read_bytes()
    refused = s2f("demo", "--output", tmp_path)
    assert refused.code == 1 and "holds files of something else" in refused.err
    mine.rename(tmp_path / "other.png")
    assert s2f("demo", "--output", tmp_path).code == 1
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [before]
