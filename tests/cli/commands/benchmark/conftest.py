"""Benchmarks whose commands run in the process of the tests."""

import csv
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from s2f_cli.benchmark import processes
from s2f_cli.benchmark.processes import Ended
from s2f_cli.cli.commands.benchmark import output


class InThisProcess:
    """Runs the commands of rows in this process, where torch is imported already, and remembers them."""

    stopped = False

    def __init__(self, s2f: Callable) -> None:
        self._s2f = s2f
        self.commands: list[list[str]] = []

    def run(self, words: Sequence[str], log: Path) -> Ended:
        self.commands.append(list(words))
        result = self._s2f(*words[1:])
        return Ended(result.code, result.stdout, processes._reason(result.code, result.err.encode()))

    def work_off(self, function: Callable, items: Sequence, jobs: int, engine: str, gpu: bool) -> Iterator:
        for item in items:
            yield item, function(item, self)


@pytest.fixture
def worker(s2f: Callable, monkeypatch: pytest.MonkeyPatch) -> InThisProcess:
    worker = InThisProcess(s2f)
    monkeypatch.setattr(output, "work_off", worker.work_off)
    return worker


@pytest.fixture
def recipe(here: Path, tiny_recipe: Path) -> str:
    """The file of a tiny recipe, called `one`."""
    shutil.copy(tiny_recipe, here / "one.toml")
    return "one.toml"


@pytest.fixture
def people(here: Path, make_data: Callable[..., Path]) -> Path:
    """A data set with enough test pairs for differences to be significant."""
    return make_data(here / "people", train=(4, 4), test=(8, 8))


@pytest.fixture
def table() -> Callable[..., list[dict[str, str]]]:
    """The lines of the CSV of a benchmark."""

    def read(folder: str = "bench") -> list[dict[str, str]]:
        return list(csv.DictReader(Path(folder, "table.csv").open()))

    return read
