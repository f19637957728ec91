"""`s2f demo` with a tiny recipe."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from s2f_cli.cli.app import app
from s2f_cli.models import recipes


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    text = recipes.file_of("unet-pairs").read_text(encoding="utf-8")
    file = tmp_path / "tiny.toml"
    file.write_text(text.replace("size = 128", "size = 16").replace("features = 16", "features = 2"))
    return file


def test_demo_leaves_images_and_a_score_table(tiny: Path, tmp_path: Path) -> None:
    output = tmp_path / "demo"
    line = ["demo", "--output", str(output), "--recipe", str(tiny), "--steps", "2"]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 0, done.output
    table = (output / "scores.md").read_text(encoding="utf-8")
    assert "face → sketch" in table and "sketch → face" in table and "SSIM" in table
    assert done.stdout.split() == [str(output / n) for n in ("sketch.png", "face.png", "scores.md")]
    assert len(list((output / "made-face").glob("*.face.png"))) == 16
    for command in ("prepare demo", f"train {tiny}", "translate --to sketch", f"evaluate {output / 'run'}"):
        assert f"$ s2f {command}" in done.stderr

    again = CliRunner().invoke(app, line)
    assert again.exit_code == 0, again.output
    assert (output / "scores.md").read_text(encoding="utf-8") == table


def test_demo_fails_if_one_of_its_commands_fails(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "data").write_text("in the way")
    done = CliRunner().invoke(app, ["demo", "--output", str(tmp_path / "demo"), "--steps", "1"])
    assert done.exit_code != 0
