"""The examples of docs/python.md, run in order on a few drawn faces, with shorter trainings."""

import re
from pathlib import Path

import pytest

from s2f_cli.data.drawn_faces import draw, looks

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
SHORTER = {"steps=200": "steps=2", "steps=300": "steps=3", "=64": "=32"}


def shorter(example: str) -> str:
    for long, short in SHORTER.items():
        example = example.replace(long, short)
    return example


@pytest.fixture
def photos(here: Path) -> Path:
    """A folder with `photo.jpg` and `photos/`, which is the working directory."""
    (here / "photos").mkdir()
    for number in range(6):
        draw(looks(number, 5)).save(here / "photos" / f"{number}.jpg")
    draw(looks(9, 5)).save(here / "photo.jpg")
    return here


def test_the_examples_run(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for example in EXAMPLES:
        exec(compile(shorter(example), PAGE.name, "exec"), names)
    assert {"sketch.png", "runs", "data"} <= {path.name for path in photos.iterdir()}
    assert len(list((photos / "photos").glob("*.sketch.png"))) == 6
    assert names["sketch"].size == names["photo"].size == names["drawing"].size  # type: ignore[attr-defined]
    assert [step for step, _ in names["losses"]] == [1, 2]  # type: ignore[attr-defined]
    assert (photos / "runs/mine/samples/000003.png").is_file()
    assert "there is no model 'no-such-model'" in capsys.readouterr().out
