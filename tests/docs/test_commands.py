"""Every command in the documents is one that s2f takes; those of the tutorial are run."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from PIL import Image
from skimage import data as pictures

from s2f_cli.cli import app

S2F = typer.main.get_command(app)
TOP = Path(__file__).parents[2]
PAGES = [page for page in [*sorted((TOP / "docs").glob("*.md")), TOP / "README.md"] if page.name != "cli.md"]
SHORTER = {"prepare demo": ["--count", "8"], "train": ["--steps", "2"], "export": ["--to", "sketch"]}
"""What makes a command of the tutorial take seconds; it goes behind."""


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each indented line that starts with `s2f`, without its comment."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in re.findall(r"^ {4,}s2f (\w[^\n|]*?)(?: +(?:#|>|>>) .*)?$", text, re.MULTILINE):
        words = shlex.split(line.split(" # ")[0], comments=True)
        yield words[: words.index(">")] if ">" in words else words


LINES = [(page.name, shlex.join(words)) for page in PAGES for words in commands(page)]


@pytest.mark.parametrize(("page", "line"), LINES)
def test_is_a_command_of_s2f(page: str, line: str) -> None:
    """Its options exist and take what they are given; nothing is run."""
    words, command = shlex.split(line), S2F
    while hasattr(command, "commands") and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    assert command is not S2F
    command.make_context(line, words).close()


def shortened(words: list[str]) -> list[str]:
    for start, more in SHORTER.items():
        if " ".join(words).startswith(start):
            if "--steps" in words:
                at = words.index("--steps")
                words = words[:at] + words[at + 2 :]
            return [*words, *more]
    return words


def test_the_tutorial(s2f, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a newcomer follows it, with less data and fewer steps, and without the page and the server, which
    tests/web and tests/commands/test_serve.py try.
    """
    monkeypatch.setenv("S2F_HOME", str(here / "home"))
    photo = Image.fromarray(pictures.astronaut())
    (here / "photos").mkdir()
    for number in range(3):
        photo.rotate(6 * number, fillcolor="gray").save(here / f"photos/me {number}.jpg")
    lines = list(commands(TOP / "docs/tutorial.md"))
    assert len(lines) > 15
    for words in lines:
        if words[0] == "serve" or "web" in words:
            continue
        result = s2f(*shortened(words))
        assert result.code == 0, (words, result.err)
    for made in [
        "sheet.png",
        "made",
        "sketches",
        "runs/0003-unet-pairs",
        "exports/unet-pairs.sketch.onnx",
        "again",
    ]:
        assert (here / made).exists()
