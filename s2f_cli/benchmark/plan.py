"""The rows of a benchmark: every system on every data set, recipes with every seed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal, cast

from s2f_cli.core import registry
from s2f_cli.core.errors import RunError
from s2f_cli.models.domains import Domain

METRICS = ("ssim_gray", "fsim", "scoot", "ms_ssim", "gmsd", "mse", "sharpness", "identity")
"""The metrics of a benchmark that names none, before those of its protocols."""

Kind = Literal["recipe", "model", "results"]
"""A recipe is trained; a model is scored as it is; results are a folder of images of another program."""


@dataclass(frozen=True)
class DataSet:
    """A prepared data set, and the protocol under which systems are scored on it."""

    name: str
    """Its name in tables and paths, unique in the benchmark."""
    folder: Path
    protocol: str | None
    metrics: tuple[str, ...]
    digest: str
    """`Manifest.digest()`."""


@dataclass(frozen=True)
class System:
    """A recipe, a model or a folder of results."""

    name: str
    """Its name in tables and paths, unique in the benchmark."""
    kind: Kind
    source: str
    """Name or file of the recipe, model, or folder of images."""
    overrides: tuple[str, ...] = ()
    to: Domain | None = None
    """The domain of images of another program; None if it is the one of the plan."""


@dataclass(frozen=True)
class Row:
    """One system on one data set, trained with one seed."""

    system: System
    data: DataSet
    seed: int | None
    """None for systems that are not trained here."""
    key: str
    """The name of its files."""
    seeds: int = 1
    """The number of seeds of the benchmark."""
    budget: str = ""
    """The budget of its training, unless it is that of the plan."""

    @property
    def group(self) -> str:
        """The system, with its budget if it is not that of the plan: what the seeds have in common."""
        return f"{self.system.name}, {self.budget}" if self.budget else self.system.name

    @property
    def name(self) -> str:
        """The group, with its seed if it is trained with several."""
        several = self.seed is not None and self.seeds > 1
        return f"{self.group}, seed {self.seed}" if several else self.group

    @property
    def title(self) -> str:
        """The row in words."""
        return f"{self.name}, on {self.data.name}"


@dataclass(frozen=True)
class Plan:
    """All rows, and how they are trained and scored. Everything is written below `folder`."""

    folder: Path
    rows: tuple[Row, ...]
    budget: str
    to: Domain | None = None
    """The domain to which all rows are scored; None for all directions."""
    device: str = "auto"
    precision: str = "auto"

    def run(self, row: Row) -> Path:
        """The run folder of a row that is trained here."""
        return self.folder / "runs" / row.key

    def scores(self, row: Row) -> Path:
        """The file with the scores of a row."""
        return self.folder / "scores" / f"{row.key}.json"

    def failure(self, row: Row) -> Path:
        """The file that says why a row has failed."""
        return self.folder / "failures" / f"{row.key}.json"

    def samples(self, row: Row) -> Path:
        """The file with the sample images of a row."""
        return self.folder / "samples" / f"{row.key}.json"

    def log(self, row: Row) -> Path:
        """What the commands of a row print on stderr."""
        return self.folder / "logs" / f"{row.key}.txt"

    def to_of(self, row: Row) -> Domain | None:
        """The domain to which a row is scored; None for all of its directions."""
        return row.system.to or self.to

    def model(self, row: Row) -> str:
        """What `s2f evaluate` scores for a row."""
        return str(self.run(row)) if row.system.kind == "recipe" else row.system.source


def rows_of(systems: Sequence[System], data: Sequence[DataSet], seeds: int, budget: str) -> tuple[Row, ...]:
    """The rows, by data set, then by seed, then by system, so that all systems have a first result early.

    Raises RunError if two systems or data sets have the same name.
    """
    _require_unique([system.name for system in systems], "systems")
    _require_unique([one.name for one in data], "data sets")
    return tuple(_rows(systems, data, seeds, budget))


def _rows(systems: Sequence[System], data: Sequence[DataSet], seeds: int, budget: str) -> Iterator[Row]:
    for one, seed, system in product(data, range(seeds), systems):
        if system.kind == "recipe":
            yield Row(system, one, seed, key(system, one, seed, budget), seeds)
        elif not seed:
            yield Row(system, one, None, key(system, one))


def key(system: System, data: DataSet, seed: int | None = None, budget: str = "") -> str:
    """The name of the files of a row; systems that are not trained have no seed."""
    name = f"{system.name}-{data.name}"
    return name if seed is None else f"{name}-{shortened(budget)}-seed={seed}"


def shortened(budget: str) -> str:
    """A budget without blanks, as it stands in names."""
    return re.sub(r"\s", "", budget)


def systems_of(
    recipes: Sequence[str], models: Sequence[str], results: Sequence[str], overrides: Sequence[str]
) -> list[System]:
    """Systems from the words of a command line.

    `results` are `NAME=FOLDER` or `NAME:DOMAIN=FOLDER`. An override is `KEY=VALUE`, for all recipes, or
    `NAME:KEY=VALUE` for one. Raises RunError for text of another form, and for an override of a recipe that
    is not there.
    """
    names = {recipe: Path(recipe).stem for recipe in recipes}
    general = [text for text in overrides if ":" not in text.partition("=")[0]]
    special: dict[str, list[str]] = {name: [] for name in names.values()}
    for text in overrides:
        if text not in general:
            name, _, rest = text.partition(":")
            if name not in special:
                raise RunError(
                    f"--set {text}: no recipe {name!r} is benchmarked",
                    registry.did_you_mean(name, list(special)),
                )
            special[name].append(rest)
    systems = [System(n, "recipe", r, (*general, *special[n])) for r, n in names.items()]
    systems += [System(Path(model).stem, "model", model) for model in models]
    for text in results:
        match = re.fullmatch(r"([^:=]+)(?::(face|sketch))?=(.+)", text)
        if not match:
            raise RunError(
                f"{text!r} is not NAME:DOMAIN=FOLDER", "write it like --results gda:sketch=outputs/gda"
            )
        systems.append(System(match[1], "results", match[3], to=cast("Domain | None", match[2])))
    return systems


def _require_unique(names: Sequence[str], noun: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise RunError(f"two {noun} are called {name!r}", "rename a file or folder, or leave one out")
        if re.search(r'[/\\:*?"<>|]', name):
            raise RunError(f"{name!r} cannot be a part of a file name", "rename it")
