"""Fixtures shared by the tests of several commands."""

from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from s2f_cli.cli.app import app
from s2f_cli.core.errors import S2FError


@pytest.fixture
def sketches(here: Path, drawing) -> Path:
    """The folder `sketches` with anna.png and bo.jpg, of different sizes and shapes."""
    (here / "sketches").mkdir()
    drawing(1, 40, 24).convert("L").save(here / "sketches/anna.png")
    drawing(2, 16, 16).convert("L").save(here / "sketches/bo.jpg")
    return here / "sketches"


@pytest.fixture
def translate(s2f, tiny_run: Path):
    """Runs `s2f translate` with the tiny model on the CPU."""

    def run(*arguments: object, **options):
        return s2f("translate", "--model", tiny_run, "--device", "cpu", *arguments, **options)

    return run


@pytest.fixture
def group(here: Path) -> Path:
    """A folder with a photo of two drawn faces, and one without a face."""
    from s2f_cli.data.drawn_faces import draw, looks

    photo = Image.new("RGB", (640, 300), "gray")
    for number in (0, 1):
        photo.paste(draw(looks(0, number)), (20 + 330 * number, 20))
    (here / "photos").mkdir()
    photo.save(here / "photos/group.png")
    Image.new("RGB", (80, 80), "gray").save(here / "photos/nobody.png")
    return here / "photos"


@pytest.fixture
def evaluate(tmp_path, monkeypatch):
    """Runs `s2f evaluate …` in an empty folder; an error exits 1 with its message, as in `cli.main`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("S2F_CACHE", str(tmp_path / "cache"))

    def call(*arguments):
        result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
        if isinstance(result.exception, S2FError):
            return 1, "", result.exception.message
        return result.exit_code, result.stdout, result.stderr

    return call
