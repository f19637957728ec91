"""Every kind of bad or odd input, one row each, through the commands as a person runs them.

Each row ends in the right result or in one clear line that names the file and the fix; the rest of the batch
is done, the exit code says that something failed, and nothing that was there is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image


@dataclass(frozen=True)
class Command:
    """A command over the folder `in`, and the result that it makes of a file there."""

    arguments: tuple[str, ...]
    result: str = ""

    def target(self, stem: str) -> Path:
        return Path(self.result.format(stem))


COMMANDS = {
    "translate": Command(
        ("translate", "--to", "face", "in", "-o", "out", "--overwrite", "--device", "cpu"), "out/{}.face.png"
    ),
    "sketchify": Command(("sketchify", "in", "--output", "out", "--overwrite"), "out/{}.png"),
    "prepare": Command(("prepare", "folders", "--faces", "in", "-o", "out", "--overwrite")),
    "evaluate": Command(
        ("evaluate", "--generated", "in", "--reference", "true", "--metric", "mse", "--json")
    ),
}


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest) -> Command:
    """Each command that takes a folder of images."""
    return COMMANDS[request.param]


@pytest.fixture(params=["translate", "sketchify"])
def writer(request: pytest.FixtureRequest) -> Command:
    """Each command that writes an image for an image."""
    return COMMANDS[request.param]


@pytest.fixture
def folder(here: Path, drawing: Callable[..., Image.Image], tiny_run: Path) -> Path:
    """`in` with the good files a.png and z.png, `true` with the same, and the newest run in ./runs."""
    for name in ("in", "true"):
        (here / name).mkdir()
        for seed, stem in enumerate("az"):
            drawing(seed, 24, 16).save(here / name / f"{stem}.png")
    (here / "runs").mkdir()
    (here / "runs/0001-tiny").symlink_to(tiny_run)
    return Path("in")
