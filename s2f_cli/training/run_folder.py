"""Run folders: what a training leaves on disk, and how it goes on from there.

runs/0001-cyclegan-unet/
  run.json             recipe, seed, precision, data: what makes it this run
  state.pt             networks, optimisers, step: what resuming needs
  model.safetensors    the bundle, what everybody else needs
  best.safetensors     the bundle that scored best, of a run that is scored while it is trained
  kept/000500.safetensors  the bundle after that step, where copies were asked for
  log.jsonl            a line for each logged step
  samples/000100.png   fixed inputs, translated
  events.out.tfevents… TensorBoard
"""

import io
import json
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from s2f_cli.core.errors import RunError, S2FError
from s2f_cli.core.files import atomic_write, remove_stale_temporaries
from s2f_cli.models import bundle
from s2f_cli.models.bundle import Card
from s2f_cli.models.locate import BUNDLE, RUNS
from s2f_cli.models.recipes.upgrade import SavedRecipe
from s2f_cli.models.roles import Networks

BEST = "best.safetensors"
KEPT = "kept"


class RunSettings(BaseModel):
    """What makes a run this run; a resumed run must have the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: SavedRecipe
    seed: int
    precision: str
    data: str
    """The folder of the data set."""
    data_source: str
    data_digest: str
    data_licence: str = ""
    init_from: str = ""
    """The model whose weights it started from."""


class Run:
    """One run folder."""

    def __init__(self, folder: Path, settings: RunSettings) -> None:
        self.folder = folder
        self.settings = settings

    @classmethod
    def create(cls, folder: Path, settings: RunSettings) -> "Run":
        """Start a run in a new or empty folder; raises RunError when it already holds one."""
        if (folder / "run.json").exists():
            raise RunError(
                f"{folder} already holds a run", "go on with it with --resume, or choose another --output"
            )
        if folder.exists() and not folder.is_dir():
            raise RunError(f"{folder} is a file, not a folder", "choose another --output")
        remove_stale_temporaries(folder)
        atomic_write(folder / "run.json", settings.model_dump_json(indent=1) + "\n")
        return cls(folder, settings)

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """The run in a folder; raises RunError when there is none or its `run.json` is broken."""
        file = folder / "run.json"
        if not file.is_file():
            raise RunError(f"{folder} holds no run", "start one with `s2f train RECIPE`")
        try:
            return cls(folder, RunSettings.model_validate_json(file.read_text(encoding="utf-8")))
        except (ValidationError, UnicodeDecodeError) as problem:
            raise RunError(f"{file} is broken: {str(problem).splitlines()[0]}", "start a new run") from None

    @property
    def bundle(self) -> Path:
        """The file of the run's model; not there before the first save."""
        return self.folder / BUNDLE

    @property
    def best(self) -> Path:
        """The file of the model that scored best so far; there only where scores were asked for."""
        return self.folder / BEST

    def save(self, state: Mapping[str, Any]) -> None:
        """Write the training's state, whole or not at all; what was saved before stays until then."""
        buffer = io.BytesIO()
        torch.save(dict(state), buffer)
        atomic_write(self.folder / "state.pt", buffer.getvalue())

    def save_bundle(self, networks: Networks, step: int) -> None:
        """Write the model as it is after `step` steps, whole or not at all."""
        bundle.save(self.bundle, networks, self.card(step))

    def save_best(self, networks: Networks, step: int, scores: Mapping[str, float]) -> None:
        """Write the model of a step, with its scores on its card, as the best so far."""
        bundle.save(self.best, networks, self.card(step).model_copy(update={"scores": dict(scores)}))

    def keep(self, networks: Networks, step: int) -> None:
        """Write a copy of the model as it is after `step` steps that later saves leave alone."""
        bundle.save(self.folder / KEPT / f"{step:06}.safetensors", networks, self.card(step))

    def rewrite(self) -> None:
        """Write down the settings that it now has, such as another length."""
        text = self.settings.model_dump_json(indent=1) + "\n"
        if (self.folder / "run.json").read_text(encoding="utf-8") != text:
            atomic_write(self.folder / "run.json", text)

    def load(self) -> dict[str, Any] | None:
        """The last saved state, or None before the first save; raises RunError when the file is damaged."""
        file = self.folder / "state.pt"
        if not file.exists():
            return None
        try:
            return torch.load(file, map_location="cpu", weights_only=True)
        except (RuntimeError, pickle.UnpicklingError, EOFError, OSError) as problem:
            reason = str(problem).partition("\n")[0] or "it is empty"
            raise RunError(f"{file} is damaged: {reason}", "start a new run, or restore the file") from None

    def card(self, step: int) -> Card:
        """The card of the run's model after `step` steps."""
        s = self.settings
        return Card(
            recipe=s.recipe,
            step=step,
            seed=s.seed,
            data=s.data_source,
            data_digest=s.data_digest,
            licence=s.data_licence,
        )

    def rewind(self, step: int) -> None:
        """Make it look as if the run had been stopped after `step` steps.

        Drops the log's later lines, and a broken one, so that each step is logged once; and what is left of
        files that were being written when the run was killed.
        """
        remove_stale_temporaries(self.folder)
        file = self.folder / "log.jsonl"
        if not file.exists():
            return
        kept = []
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue
            if record["step"] <= step:
                kept.append(line)
        atomic_write(file, "".join(f"{line}\n" for line in kept))

    def logged(self, key: str) -> list[tuple[int, float]]:
        """The steps at which `log.jsonl` has a value of a name, with the value; call `rewind` first."""
        file = self.folder / "log.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [(record["step"], record[key]) for record in map(json.loads, lines) if key in record]

    def log(self, record: Mapping[str, Any]) -> None:
        """Append one line to `log.jsonl`; raises S2FError when that fails."""
        try:
            with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        except OSError as problem:
            raise S2FError(
                f"cannot write {self.folder / 'log.jsonl'}: {problem.strerror}", "check the disk"
            ) from None


def fresh_folder(recipe: str, folder: Path = RUNS) -> Path:
    """The folder of a new run of a recipe: the next number, `runs/0007-NAME`."""
    taken = [int(m[0]) for p in folder.glob("*") if (m := re.match(r"\d{4,}(?=-)", p.name))]
    return folder / f"{max(taken, default=0) + 1:04}-{recipe}"


def unfinished(recipe: str | None = None, folder: Path = RUNS) -> Path:
    """The newest run folder below `folder`, of a recipe if one is named; RunError when there is none."""
    for file in sorted(folder.glob("*/run.json"), key=lambda f: f.stat().st_mtime_ns, reverse=True):
        if recipe is None or file.parent.name.partition("-")[2] == recipe:
            return file.parent
    raise RunError(
        f"there is no run of {recipe or 'any recipe'} in {folder} to resume", "start one without --resume"
    )
