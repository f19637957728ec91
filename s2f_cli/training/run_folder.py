"""Run folders: the files of one training.

runs/0001-cyclegan-unet/
  run.json                 the settings: recipe, seed, precision, data
  state.pt                 the state to resume from: networks, optimisers, step
  model.safetensors        the last model
  best.safetensors         the model with the best score, if checkpoints are scored
  kept/000500.safetensors  a copy of the model after that step, if copies are kept
  log.jsonl                a line for each logged step, and for each evaluation
  samples/000100.png       the same people, translated
  events.out.tfevents…     TensorBoard
  train.lock               the process that trains it, while it does
"""

import io
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2f_cli.core.errors import RunError, S2FError, first_line, reason_of
from s2f_cli.core.files import atomic_write, remove_stale_temporaries
from s2f_cli.models.card import Card
from s2f_cli.models.graphs import Graph
from s2f_cli.models.locate import BUNDLE
from s2f_cli.training import run_log
from s2f_cli.training.cost import Spent
from s2f_cli.training.run_log import LOG
from s2f_cli.training.run_settings import SETTINGS, RunSettings

if TYPE_CHECKING:
    from s2f_cli.models.roles import Networks

STATE = "state.pt"
BEST = "best.safetensors"
KEPT = "kept"
SAMPLES = "samples"
_RESTORE = "start a new run, or restore the file"


class Run:
    """One run folder and its settings. Every file is replaced atomically, except the log, which grows."""

    def __init__(self, folder: Path, settings: RunSettings, total_steps: int = 0) -> None:
        self.folder = folder
        self.settings = settings
        self.total_steps = total_steps
        """Steps of the whole training, for the cards of its models; 0 if unknown."""
        self._graphs: dict[str, Graph] | None = None
        """The ONNX graphs of its models, made at the first save."""

    @classmethod
    def create(cls, folder: Path, settings: RunSettings, total_steps: int = 0) -> "Run":
        """Start a run in a folder; raises RunError if the folder already holds one or is a file."""
        run = cls(folder, settings, total_steps)
        run.make_folder()
        remove_stale_temporaries(folder)
        settings.write(folder)
        return run

    def make_folder(self) -> None:
        """Create the folder of a new run; raises RunError if it already holds one or cannot be made."""
        folder = self.folder
        if (folder / SETTINGS).exists():
            raise RunError(
                f"{folder} already holds a run", "continue it with --resume, or choose another --output"
            )
        if folder.exists() and not folder.is_dir():
            raise RunError(f"{folder} is a file, not a folder", "choose another --output")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise RunError(
                f"cannot write {folder}: {reason_of(problem)}",
                "check that the folder is writable, or choose another --output",
            ) from None

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """Open the run in a folder; raises RunError if there is none or its `run.json` is broken."""
        return cls(folder, RunSettings.read(folder))

    @property
    def saved_at(self) -> int:
        """When the state was saved last, in nanoseconds; 0 before the first save."""
        file = self.folder / STATE
        return file.stat().st_mtime_ns if file.exists() else 0

    @property
    def bundle(self) -> Path:
        """The file of the last model; missing before the first save."""
        return self.folder / BUNDLE

    @property
    def best(self) -> Path:
        """The file of the model with the best score; missing if checkpoints are not scored."""
        return self.folder / BEST

    @property
    def samples(self) -> Path:
        """The folder of the sample grids."""
        return self.folder / SAMPLES

    def kept(self, step: int) -> Path:
        """The file of the copy of the model after `step` steps."""
        return self.folder / KEPT / f"{step:06}.safetensors"

    def save(self, state: Mapping[str, Any]) -> None:
        """Write the state of the training."""
        import torch

        buffer = io.BytesIO()
        torch.save(dict(state), buffer)
        atomic_write(self.folder / STATE, buffer.getvalue())

    def save_bundle(self, networks: "Networks", step: int) -> None:
        """Write the model after `step` steps."""
        self._save(self.bundle, networks, self.card(step))

    def save_best(self, networks: "Networks", step: int, scores: Mapping[str, float]) -> None:
        """Write the model after `step` steps as the best so far, with its scores on its card.

        The first of the scores is the one that decides.
        """
        self._save(self.best, networks, self.card(step).model_copy(update={"scores": dict(scores)}))

    def keep(self, networks: "Networks", step: int) -> None:
        """Write a copy of the model after `step` steps; later saves leave it alone."""
        self._save(self.kept(step), networks, self.card(step))

    def _save(self, file: Path, networks: "Networks", card: Card) -> None:
        from s2f_cli.models import bundle, tracing  # import torch, which reading a run folder does not need

        if self._graphs is None:
            self._graphs = tracing.trace(networks, card)
        bundle.save(file, networks, card, self._graphs)

    def load(self) -> dict[str, Any] | None:
        """Load the last saved state; None before the first save. Raises RunError if the file is damaged."""
        file = self.folder / STATE
        if not file.exists():
            return None
        import torch

        try:
            return torch.load(file, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError:
            raise RunError(f"{file} is damaged: it holds more than a state", _RESTORE) from None
        except Exception as problem:  # torch's reader raises many kinds for damaged files
            raise RunError(f"{file} is damaged: {first_line(problem)}", _RESTORE) from None

    def spent(self) -> Spent | None:
        """What the saved steps have cost; None before the first save, and for runs of older versions."""
        import torch

        try:
            state = torch.load(self.folder / STATE, map_location="cpu", weights_only=True, mmap=True)
        except FileNotFoundError:
            return None
        except Exception as problem:  # torch's reader raises many kinds for damaged files
            raise RunError(f"{self.folder / STATE} is damaged: {first_line(problem)}", _RESTORE) from None
        return Spent.of(state)

    def card(self, step: int) -> Card:
        """The card of the model after `step` steps."""
        settings = self.settings
        return Card(
            recipe=settings.recipe,
            step=step,
            total_steps=self.total_steps,
            seed=settings.seed,
            data=settings.data_source,
            data_digest=settings.data_digest,
            licence=settings.data_licence,
        )

    def rewind(self, step: int) -> None:
        """Return the folder to its state after `step` steps, for instance after a kill.

        Drops later and broken lines of the log, so that each step is logged once, and unfinished temporary
        files.
        """
        remove_stale_temporaries(self.folder)
        if (self.folder / LOG).exists():
            records = [record for record in run_log.records(self.folder) if record["step"] <= step]
            atomic_write(self.folder / LOG, "".join(map(_line, records)))

    def logged(self, key: str) -> list[tuple[int, float]]:
        """The steps and values of a key in the log."""
        return [(record["step"], record[key]) for record in run_log.records(self.folder) if key in record]

    def log(self, record: Mapping[str, Any]) -> None:
        """Append a line to the log; raises S2FError if that fails."""
        try:
            with (self.folder / LOG).open("a", encoding="utf-8") as file:
                file.write(_line(record))
        except OSError as problem:
            raise S2FError(
                f"cannot write {self.folder / LOG}: {reason_of(problem)}", "check the disk"
            ) from None


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record) + "\n"
