"""Every command in the documents parses, and the commands of each page run in their order.

They run in a folder that holds the files a page mentions, with smaller networks, fewer steps and drawn faces
in place of data sets.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from skimage import data as photos
from typer.core import TyperGroup

from s2f_cli.cli.app import app
from s2f_cli.cli.commands.match import MatchGroup
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.data.sketchers.pencil import pencil
from s2f_cli.models import zoo
from small_recipes import SMALL

TOP = Path(__file__).parents[2]

S2F = typer.main.get_command(app)
PAGES = [
    page
    for page in [*sorted((TOP / "docs").rglob("*.md")), TOP / "README.md", TOP / "CONTRIBUTING.md"]
    if page.name != "cli.md"
]
SHORTER = {
    "prepare demo": ["--count", "8"],
    "train": ["--set", "image.size=32", "--set", "batch_size=2", "--steps", "2"],
    "export": ["--to", "sketch"],
}
"""Options appended to a command of the tutorial so that it takes seconds."""


def title(page: Path) -> str:
    """The path of a page below the top folder, as tests show it."""
    return page.relative_to(TOP).as_posix()


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of each indented line that starts with `s2f`, without its comment.

    An indented line `NAME="…"` defines what `$NAME` stands for.
    """
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for name, value in re.findall(r'^ {4}([A-Z]+)="(.*)"$', text, re.MULTILINE):
        text = text.replace(f"${name}", value)
    for line in re.findall(r"^ {4,}s2f (\w[^\n|]*?)(?: +(?:#|>|>>) .*)?$", text, re.MULTILINE):
        words = shlex.split(line.split(" # ")[0], comments=True)
        yield words[: words.index(">")] if ">" in words else words


LINES = [(title(page), shlex.join(words)) for page in PAGES for words in commands(page)]


@pytest.mark.parametrize(("page", "line"), LINES)
def test_command_parses(page: str, line: str) -> None:
    """Its options exist and accept their values; nothing runs."""
    words, command = shlex.split(line), S2F
    while isinstance(command, TyperGroup) and words:
        if isinstance(command, MatchGroup):
            words = command.spelled_out(words)
        command, words = command.get_command(typer.Context(command), words[0]), words[1:]
        assert command, f"no such command: {line}"
    command.make_context(line, words).close()


def shortened(words: list[str]) -> list[str]:
    """Shorten a command of the tutorial."""
    for start, options in SHORTER.items():
        if " ".join(words).startswith(start):
            if "--steps" in words:
                at = words.index("--steps")
                words = words[:at] + words[at + 2 :]
            return [*words, *options]
    return words


def test_the_tutorial(s2f, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tutorial works as a newcomer follows it, with less data and fewer steps.

    The web page and the server are tested in tests/web and tests/cli/commands/test_serve.py.
    """
    monkeypatch.setenv("S2F_HOME", str(here / "home"))
    photo = Image.fromarray(photos.astronaut())
    (here / "photos").mkdir()
    for number in range(3):
        photo.rotate(6 * number, fillcolor="gray").save(here / f"photos/me {number}.jpg")
    lines = list(commands(TOP / "docs/tutorial.md"))
    assert len(lines) > 15
    for words in lines:
        if words[0] == "serve" or "web" in words:
            continue
        run = s2f(*shortened(words))
        assert run.code == 0, (words, run.err)
    for result in [
        "sheet.png",
        "results",
        "sketches",
        "runs/0003-unet-pairs",
        "exports/unet-pairs.sketch.onnx",
        "again",
    ]:
        assert (here / result).exists()


ELSEWHERE = {
    "scale.md": "needs several machines: tests/cli/commands/translate/test_shards.py, test_parts.py",
    "hub.md": "needs the hub: tests/models/test_hub.py",
    "tutorial.md": "test_commands.py runs it",
    "benchmark.md": "takes long: tests/cli/commands/benchmark",
    "serve.md": "a server does not end: tests/cli/commands/test_serve.py",
    "--watch": "does not end: tests/cli/commands/translate/test_watch.py",
    "--format web": "needs ONNX Runtime Web: tests/web",
    "evaluate lines": "needs a model with styles: tests/evaluation/test_given.py",
    "astronaut.png --style all": "slow on a whole photo: docs/gallery.md has it",
    "photo.jpg --style all": "slow on a whole photo: docs/gallery.md has it",
    "--given": "needs a model with conditions: tests/evaluation/test_given.py",
    "cuhk-200x250": "needs CUHK and outputs of another method: tests/evaluation/test_subjects.py",
    "drawing.png": "needs a model with colours: tests/cli/commands/translate/test_conditions.py",
    "fs2k FS2K": "needs FS2K: tests/data/sources/test_fs2k.py",
    ":pair=all": "needs FS2K: tests/data/sources/test_compose.py",
    "compose faces:face=all fs2k": "needs FS2K: tests/data/sources/test_compose.py",
    "--data faces-sketches": "takes long: tests/training/test_budget.py, tests/evaluation",
    "--val-share 0.02": "takes long: tests/inference/test_sketchers.py",
    "--data DATA --budget": "takes long: tests/training/test_budget.py",
    "--data LAST": "takes long: tests/training/test_initial_weights.py",
    "--data THIRD": "takes long: tests/training/test_initial_weights.py",
    "--protocol fs2k": "needs FS2K: tests/evaluation",
    "cufs CUHK": "needs CUHK: tests/data/sources/test_cufs.py",
    "stages.strokes.steps=0": "takes long: tests/training/test_initial_weights.py",
    "stages.detail.steps=0": "takes long: tests/training/test_initial_weights.py",
    "to_sketch.weights=random": "takes long: tests/training/test_initial_weights.py",
    "evaluate d-best": "needs a model trained with a recipe of 0.1.0",
    "train my-style": "takes long: tests/models/recipes",
    "runs/own": "needs a trained style: tests/models/recipes",
    "FIVE": "needs the London Set: tests/data/sources/test_folders.py",
    "OTHERS": "needs the London Set: tests/data/sources/test_folders.py",
    "--data others": "needs the London Set: tests/models/recipes",
    "--output mine": "one more set of pairs: tests/data/sources/test_folders.py",
    "--output made": "slow: tests/cli/commands/translate",
    "--faces made": "needs the faces made before: tests/data/sources/test_folders.py",
    "fs2k-bold:pair=200": "needs FS2K: tests/data/sources/test_compose.py",
    "--data base": "takes long: tests/models/recipes",
    "runs/base": "needs a model trained on three styles: tests/models/recipes",
    "match index": "needs photos with faces: tests/cli/commands/test_match.py",
    "match drawing.png": "needs a gallery of faces: tests/cli/commands/test_match.py",
    "clip.mp4": "needs a video: tests/cli/commands/translate/test_videos.py",
}
"""Pages and commands that do not run here, and where they are tested."""


def _small(recipe: str) -> list[str]:
    """Overrides that make a training take a second; images stay large enough for every metric."""
    if recipe == "vgg-ae":  # without the gradients and Adam's averages of two VGG-16
        return [*SMALL[recipe], "stages.fine-tuning.steps=0"]
    if recipe == "sketch-to-face":  # its weights come from the shipped model
        return ["image.size=64", "batch_size=2"]
    overrides = [
        re.sub(r"=(8|16)$", lambda n: f"={2 * int(n[1])}", line) if "size" in line else line
        for line in SMALL[recipe]
    ]
    return [line.replace("widths=[", "widths=[4, ") if "vae" in recipe else line for line in overrides]


REPLACEMENTS = {
    "RECIPE": "conv-ae",
    "prepare demo": "prepare demo --count 8",
    "collected:sketch=920": "collected:sketch=3",
    "cufs:sketch=571": "cufs:sketch=2",
    "face=1500": "face=4",
    "--seeds 3": "--seeds 1",
    "--size 256": "--size 64",
    "face-to-sketch --data pairs": "unet-pairs --data pairs",
    "sketch-to-face --data mixed": "unet-pairs --data mixed",
}
"""Replacements of words in the commands of a page."""

FAILURES = {
    "fid,ssim": "fid",
    "nlda": "NLDA needs",
    "ssim,fsim,scoot,sharpness,identity": "identity",
    "evaluate face-to-sketch": "identity",
    "--protocol skubisz": "not the data of the protocol",
}
"""By a part of the command, a part of the message that it prints here: too few images, untrained models, no
network. The other metrics are still reported.
"""


def small(words: list[str]) -> list[str]:
    """Shorten a command so that it runs in seconds."""
    line = shlex.join(words)
    for original, replacement in REPLACEMENTS.items():
        line = line.replace(original, replacement)
    words = shlex.split(line)
    if "--resume" in words:
        return [*words, "--steps", "3"]
    if words[0] != "train":
        return words
    for length in {"--steps", "--epochs"} & set(words):
        at = words.index(length)
        del words[at : at + 2]
    sizes = [word for override in _small(words[1]) for word in ("--set", override)]
    length = [] if words[1] == "lle" or "--dry-run" in words else ["--steps", "2"]
    return [*words, *sizes, *length]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files and folders that the pages mention, filled with drawn faces."""
    top = tmp_path_factory.mktemp("world")
    faces = [draw(looks(0, number)) for number in range(10)]
    cufs = top / "DATA/cuhk_student_aligned"
    for number, face in enumerate(faces, start=1):
        name = f"{'fm'[number % 2]}-{number:03}-01.png"
        for file, image in {
            cufs / "photos" / name: face,
            cufs / "sketches" / name: pencil(face, number),
            top / "CELEBA/images" / f"{number}.png": face,
            top / "COLLECTED" / f"{number}.png": pencil(face, number),
            top / "PHOTOS" / f"{number}.png": face,
        }.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            image.save(file)
    names = sorted(file.stem for file in (cufs / "photos").iterdir())
    split = "".join(f"{name},{'train' if place < 5 else 'test'}\n" for place, name in enumerate(names))
    (cufs / "pairs.csv").write_text(f"name,split\n{split}")
    smiles = "".join(f"{number}.png,{1 - 2 * (number % 2)}\n" for number in range(1, 11))
    (top / "CELEBA/attributes.csv").write_text(f"image_id,Smiling\n{smiles}")
    (top / "QUICKDRAW").mkdir()
    doodles = np.random.default_rng(0).integers(0, 256, (10, 784), dtype=np.uint8)
    np.save(top / "QUICKDRAW/face.npy", doodles)
    shutil.copytree(cufs, top / "CUFS")
    shutil.copytree(cufs, top / "DATA/cuhk_student")
    for domain in ("photos", "sketches"):
        shutil.copytree(cufs / domain, top / "DRAWN" / domain)
    photo = Image.fromarray(photos.astronaut())
    for folder in ("photos", "smiling", "scans", "sketches", "drawings"):
        (top / folder).mkdir()
        for number in range(2):
            (photo if folder in ("photos", "smiling") else pencil(photo, 0)).resize((96, 96)).save(
                top / folder / f"{number}.png"
            )
    shutil.copy(zoo.find("face-to-sketch").path, top / "model.safetensors")
    photo.save(top / "astronaut.png")
    photo.save(top / "photo.jpg")
    return top


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name not in ELSEWHERE and any(commands(page))],
    ids=title,
)
def test_commands_of_page_run(
    s2f, page: Path, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shutil.copytree(world, tmp_path / "world"))
    monkeypatch.setenv("S2F_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    lines = [words for words in commands(page) if not any(part in shlex.join(words) for part in ELSEWHERE)]
    ready(s2f, lines)
    for words in lines:
        result = s2f(*small(words))
        messages = [message for part, message in FAILURES.items() if part in shlex.join(words)]
        expected = 3 if "--fail-under" in words else 1 if messages else 0
        assert result.code == expected, (words, result.err)
        assert all(message in result.err for message in messages), (words, result.err)
        assert "Traceback" not in result.err


def ready(s2f, lines: list[list[str]]) -> None:
    """Create what a page assumes: a data set, and the runs it names."""
    text = " ".join(map(shlex.join, lines))
    if "prepare cufs" not in text and "prepare demo" not in text:
        assert s2f("prepare", "cufs", "DATA/cuhk_student_aligned").code == 0
    for run in sorted(set(re.findall(r"\b\d{4}-[\w-]+", text))):
        assert s2f("train", run[5:], *small(["train", run[5:]])[2:], "--output", f"runs/{run}").code == 0
