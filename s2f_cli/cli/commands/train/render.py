"""Runs a training and shows its events."""

from contextlib import suppress
from pathlib import Path

import typer

from s2f_cli.cli import console, process
from s2f_cli.cli.commands.train.display import TrainingDisplay
from s2f_cli.cli.commands.train.signals import on_interrupt
from s2f_cli.core import distributed
from s2f_cli.evaluation.scored_training import run_logged
from s2f_cli.training.events import Event, Stopped
from s2f_cli.training.trainer import Trainer


def train_and_show(trainer: Trainer) -> Path:
    """Run a trainer and return the run folder; exits 130 after Ctrl-C, SIGTERM, or
    when the terminal or the reader of stderr is gone.

    With several processes, only the first shows events and exits 130: a worker that exits with an error
    would make torchrun end the first one while it saves.
    """
    lead = distributed.rank() == 0

    def stop() -> None:
        trainer.stop()
        if lead:
            with suppress(OSError):  # the terminal may be gone
                console.say("stopping after this step …")

    with on_interrupt(stop), TrainingDisplay(trainer.request) as display:

        def show(event: Event) -> None:
            try:
                display(event)
            except OSError:  # nobody reads stderr any more
                process.discard_output()
                trainer.stop()

        end = run_logged(trainer, show if lead else None)
    if lead and isinstance(end, Stopped) and end.reason == "requested":
        raise typer.Exit(console.INTERRUPTED)
    return trainer.run_folder.folder
