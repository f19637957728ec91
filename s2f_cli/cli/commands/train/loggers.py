"""What a training writes down as it goes: `log.jsonl`, TensorBoard, and Weights & Biases where set up."""

import importlib.util
import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from PIL import Image
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from s2f_cli.cli import console
from s2f_cli.core import images
from s2f_cli.training.loop import StepResult
from s2f_cli.training.run_folder import Run

_WANDB = ("WANDB_API_KEY", "WANDB_MODE", "WANDB_PROJECT")
"""Environment variables of Weights & Biases; any of them turns it on."""


class Loggers:
    """Records one run from a step on."""

    def __init__(self, run: Run, step: int) -> None:
        self._run = run
        self.board = SummaryWriter(str(run.folder), purge_step=step + 1)
        self._wandb = _wandb(run)

    def __enter__(self) -> "Loggers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.board.close()
        if self._wandb:
            self._wandb.finish(exit_code=0 if kind is None else 1)

    def log(self, report: StepResult, losses: Mapping[str, float], images_per_second: float) -> None:
        """The losses of a step."""
        self._run.log({"step": report.step, "stage": report.stage, "epoch": report.epoch, **losses})
        values = {**losses, "images per second": images_per_second}
        for name, value in values.items():
            self.board.add_scalar(name, value, report.step)
        if self._wandb:
            self._wandb.log(values, step=report.step)

    def picture(self, name: str, picture: Image.Image, step: int) -> None:
        """A picture of a step."""
        self.board.add_image(name, images.to_bytes(picture, 3), step)
        if self._wandb:
            import wandb

            self._wandb.log({name: wandb.Image(picture)}, step=step)

    def finish(self, losses: Mapping[str, float]) -> None:
        """The run's hyperparameters beside its last losses, for TensorBoard's table of runs."""
        for part in hparams(hyperparameters(self._run), dict(losses)):
            assert self.board.file_writer is not None
            self.board.file_writer.add_summary(part)


def hyperparameters(run: Run) -> dict[str, str | float]:
    """What distinguishes a run from others of its recipe, by key, stages prefixed where there are several."""
    settings = run.settings
    found: dict[str, str | float] = {
        "recipe": settings.recipe.name,
        "seed": settings.seed,
        "precision": settings.precision,
    }
    for stage in settings.recipe.stages:
        prefix = f"{stage.name}." if len(settings.recipe.stages) > 1 else ""
        found[f"{prefix}batch_size"] = stage.batch_size
        for term, weight in stage.weights.items():
            found[f"{prefix}weights.{term}"] = weight if isinstance(weight, float) else weight.value
        for name, player in stage.players.items():
            found[f"{prefix}players.{name}.learning_rate"] = player.learning_rate
    return found


def _wandb(run: Run) -> Any:
    if not any(os.environ.get(name) for name in _WANDB):
        return None
    if importlib.util.find_spec("wandb") is None:
        console.say("WANDB_… is set, but wandb is not installed: pip install wandb to log there too")
        return None
    import wandb

    return wandb.init(
        project=os.environ.get("WANDB_PROJECT", "s2f"),
        name=os.environ.get("WANDB_NAME", run.folder.name),
        dir=str(run.folder),
        config=hyperparameters(run),
    )
