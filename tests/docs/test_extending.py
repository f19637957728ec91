"""`docs/extending.md`, followed step by step in a copy of the package."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

import s2f_cli

TESTS = Path(__file__).parents[1]
GUIDE = TESTS.parent / "docs" / "extending.md"
KINDS = ["networks", "losses", "objectives", "augmentations", "recipes", "sources", "sketchers"]
FILE = re.compile(r"```(?:python|toml)\n# (s2f_cli/\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, extended by the files of the guide."""
    folder = tmp_path_factory.mktemp("extended")
    source = Path(s2f_cli.__file__).parent
    shutil.copytree(source, folder / "s2f_cli", ignore=shutil.ignore_patterns("__pycache__"))
    files = FILE.findall(GUIDE.read_text(encoding="utf-8"))
    assert [Path(name).parent.name for name, _ in files] == KINDS
    for name, text in files:
        assert not (folder / name).exists()
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copytree(TESTS, folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TESTS.parent / "pyproject.toml", folder)
    return folder


SERVER = """
import contextlib, io, json, sys
from s2f_cli.cli.app import main
for line in sys.stdin:
    sys.argv = ["s2f", *json.loads(line)]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
    for stream in (out, err):
        stream.flush()
    print(json.dumps([code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()]), flush=True)
"""
"""Runs `s2f` for each line of its stdin, a list of arguments; answers with exit code, stdout and stderr."""


class Done(NamedTuple):
    """The outcome of a command."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def s2f(extended: Path) -> Iterator[Callable[..., Done]]:
    """Runs `s2f` of the extended copy, all commands in one process."""
    environment = {**os.environ, "PYTHONPATH": str(extended)}
    line = [sys.executable, "-c", SERVER]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=extended, env=environment
    ) as process:
        assert process.stdin and process.stdout
        stdin, stdout = process.stdin, process.stdout

        def run(*arguments: object) -> Done:
            stdin.write(json.dumps([str(argument) for argument in arguments]) + "\n")
            stdin.flush()
            return Done(*json.loads(stdout.readline()))

        yield run


def test_the_recipe_trains(s2f, data: Path) -> None:
    done = s2f("train", "denoise", "--data", data, "-o", "run", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    losses = [float(value) for value in re.findall(r"translators/face (\S+)", done.stderr)]
    assert losses[-1] < losses[0]


def test_a_mistyped_part_name_suggests_the_new_part(s2f, data: Path) -> None:
    for override, known in (("networks.to_face.part=tnt", "tint"), ("objective.distance.part=l5", "l4")):
        done = s2f("train", "denoise", "--data", data, "--set", override)
        assert done.returncode == 1
        assert known in done.stderr


def test_the_recipe_is_shown(s2f) -> None:
    done = s2f("recipes", "show", "denoise")
    assert done.returncode == 0 and "Denoising by mixing channels" in done.stdout


def test_the_objective_refuses_unpaired_data(s2f, data: Path) -> None:
    done = s2f("train", "denoise", "--data", data, "--set", "data.pairing=unpaired")
    assert done.returncode == 1
    assert "data.pairing is unpaired" in done.stderr


def test_the_source_and_the_sketcher_prepare_a_data_set(s2f, extended: Path, tmp_path: Path) -> None:
    for number in range(3):
        Image.new("RGB", (16, 16), (80 * number, 0, 0)).save(tmp_path / f"face-{number}.png")
        Image.new("L", (16, 16), 80 * number).save(tmp_path / f"sketch-{number}.png")
    (tmp_path / "sketch-2.png").unlink()
    done = s2f("prepare", "prefixed", tmp_path, "--output", "pairs")
    assert done.returncode == 1
    assert "face-2.png: it has no sketch" in done.stderr
    assert len(list((extended / "pairs").glob("*/sketch/*.png"))) == 2
    done = s2f("sketchify", tmp_path, "--output", "posters", "--sketcher", "poster")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5


def test_the_parts_pass_the_contract_tests(extended: Path) -> None:
    contracts = [
        f"tests/{kind}/test_contract.py"
        for kind in (
            "models/networks",
            "training/losses",
            "training/objectives",
            "data/sources",
            "data/sketchers",
        )
    ]
    contracts.append("tests/training/augmentations/test_augmentations.py")
    chosen = ["-k", "tint or l4 or denois or dimmed or prefixed or poster"]
    line = [sys.executable, "-m", "pytest", *contracts, *chosen]
    environment = {**os.environ, "PYTHONPATH": str(extended)}
    done = subprocess.run(line, capture_output=True, text=True, cwd=extended, env=environment)
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 25
