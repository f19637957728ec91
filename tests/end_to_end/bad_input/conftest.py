"""Bad and unusual input of every kind, one table row each, given to the commands as a user gives it.

Each command produces the right result, or one line that names the file and the fix. The rest of the batch is
processed, the exit code reports the failure, and existing files are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image


@dataclass(frozen=True)
class Command:
    """A command for the folder `in`, and the name of its result for a file of the folder."""

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
    """Each command that writes one image per input image."""
    return COMMANDS[request.param]


@pytest.fixture
def folder(here: Path, drawing: Callable[..., Image.Image], tiny_run: Path) -> Path:
    """`in` and `true`, each with the good files a.png and z.png, and a run in ./runs."""
    for name in ("in", "true"):
        (here / name).mkdir()
        for seed, stem in enumerate("az"):
            drawing(seed, 24, 16).save(here / name / f"{stem}.png")
    (here / "runs").mkdir()
    (here / "runs/0001-tiny").symlink_to(tiny_run)
    return Path("in")
