"""Listeners that record a training elsewhere: TensorBoard, and Weights & Biases if it is set up."""

import importlib.util
import os
from types import TracebackType
from typing import Any

from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from s2f_cli.core import images
from s2f_cli.training.events import Event, Finished, Logged, Sampled, Scored, Started, Stopped
from s2f_cli.training.run_folder import Run

_WANDB = ("WANDB_API_KEY", "WANDB_MODE", "WANDB_PROJECT")
"""Environment variables, any of which turns on Weights & Biases."""


class TensorBoardLogger:
    """Writes losses, scores, sample grids and hyperparameters to `events.out.tfevents…` in the run folder."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self._board: SummaryWriter | None = None
        self._losses: dict[str, float] = {}

    def __enter__(self) -> "TensorBoardLogger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._board:
            self._board.close()

    def __call__(self, event: Event) -> None:
        """Record an event."""
        if isinstance(event, Started):
            self._run = event.run
            self._board = SummaryWriter(str(event.run.folder), purge_step=event.step + 1)
        if self._run is None or self._board is None:
            return
        match event:
            case Logged(step=step, losses=losses, images_per_second=speed):
                self._losses = dict(losses)
                for name, value in {**losses, "images per second": speed}.items():
                    self._board.add_scalar(name, value, step)
            case Scored(step=step, scores=scores):
                for name, value in scores.items():
                    self._board.add_scalar(name, value, step)
            case Sampled(step=step, image=image):
                self._board.add_image("samples", images.to_bytes(image, 3), step)
            case Finished() | Stopped(reason="stale" | "budget"):
                assert self._board.file_writer is not None
                for part in hparams(self._run.settings.hyperparameters(), self._losses):
                    self._board.file_writer.add_summary(part)


class WandbLogger:
    """Sends losses and sample grids to Weights & Biases; needs the package `wandb`."""

    def __init__(self) -> None:
        self._run: Any = None
        self._exit_code = 1

    def __enter__(self) -> "WandbLogger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._run:
            self._run.finish(exit_code=self._exit_code if kind is None else 1)

    def __call__(self, event: Event) -> None:
        """Record an event."""
        import wandb

        match event:
            case Started(run=run):
                self._run = wandb.init(
                    project=os.environ.get("WANDB_PROJECT", "s2f"),
                    name=os.environ.get("WANDB_NAME", run.folder.name),
                    dir=str(run.folder),
                    config=run.settings.hyperparameters(),
                )
            case Logged(step=step, losses=losses, images_per_second=speed):
                self._run.log({**losses, "images per second": speed}, step=step)
            case Sampled(step=step, image=image):
                self._run.log({"samples": wandb.Image(image)}, step=step)
            case Finished() | Stopped(reason="stale" | "budget"):
                self._exit_code = 0


def wandb_requested() -> bool:
    """Whether an environment variable of Weights & Biases is set."""
    return any(os.environ.get(name) for name in _WANDB)


def wandb_installed() -> bool:
    """Whether the package `wandb` can be imported."""
    return importlib.util.find_spec("wandb") is not None
