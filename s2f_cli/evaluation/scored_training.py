"""A complete training: the trainer, with the scores of this package and its loggers.

`s2f train` and the Python API share `train`.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import torch

from s2f_cli.core import distributed
from s2f_cli.evaluation.checkpoint_scorer import CheckpointScorer
from s2f_cli.inference.torch_engine import choose_device
from s2f_cli.training import loggers
from s2f_cli.training.events import Event, Finished, Started, Stopped, Warned
from s2f_cli.training.request import SAMPLE_EVERY, SAVE_EVERY, PrecisionChoice, TrainRequest
from s2f_cli.training.run_folder import Run
from s2f_cli.training.trainer import Trainer


def train(
    recipe: str | Path,
    data: str | Path = "data",
    output: str | Path | None = None,
    *,
    steps: int | None = None,
    epochs: int | None = None,
    budget: str | None = None,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    device: str = "auto",
    precision: PrecisionChoice = "auto",
    accumulate: int = 1,
    deterministic: bool = False,
    compile: bool = False,
    resume: bool = False,
    init_from: str | Path | None = None,
    save_every: int = SAVE_EVERY,
    keep_every: int | None = None,
    sample_every: int = SAMPLE_EVERY,
    best_by: str | None = None,
    evaluate_every: int | None = None,
    evaluate_on: str | None = None,
    patience: int | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Run:
    """Train a recipe on a prepared data set, as `s2f train` does with the same options.

    `TrainRequest` describes the options; `on_event` is called with every event of the training. Returns the
    run: `run.folder` is its folder, `run.bundle` its model. Raises S2FError if the training is impossible or
    fails; the run folder then holds the last save.
    """
    request = TrainRequest(
        recipe=str(recipe),
        data=Path(data),
        output=None if output is None else Path(output),
        steps=steps,
        epochs=epochs,
        budget=budget,
        overrides=tuple(overrides),
        seed=seed,
        device=device,
        precision=precision,
        accumulate=accumulate,
        deterministic=deterministic,
        compile=compile,
        resume=resume,
        init_from=None if init_from is None else Path(init_from),
        save_every=save_every,
        keep_every=keep_every,
        sample_every=sample_every,
        best_by=best_by,
        evaluate_every=evaluate_every,
        evaluate_on=evaluate_on,
        patience=patience,
    )
    with distributed.joined(choose_device(device)) as own_device:
        trainer = open_trainer(request, own_device)
        run_logged(trainer, on_event)
    return trainer.run_folder


def open_trainer(request: TrainRequest, device: torch.device | None = None) -> Trainer:
    """Open the trainer of a request, with the scorer of `s2f evaluate`."""
    return Trainer(request, device, scorer=CheckpointScorer)


def run_logged(trainer: Trainer, on_event: Callable[[Event], None] | None = None) -> Finished | Stopped:
    """Run a trainer to its end and return the last event.

    Logs to TensorBoard, and to Weights & Biases if it is set up; loggers see an event before `on_event` does.
    """
    end: Finished | Stopped | None = None
    with ExitStack() as stack:
        listeners: list[Callable[[Event], None]] = [stack.enter_context(loggers.TensorBoardLogger())]
        without_wandb = loggers.wandb_requested() and not loggers.wandb_installed()
        if loggers.wandb_requested() and loggers.wandb_installed():
            listeners.append(stack.enter_context(loggers.WandbLogger()))
        if on_event:
            listeners.append(on_event)
        for event in trainer.run():
            for listener in listeners:
                listener(event)
            if without_wandb and on_event and isinstance(event, Started):
                message = (
                    "WANDB_… is set, but wandb is not installed (run `pip install wandb` to log there too)"
                )
                on_event(Warned(event.step, message))
            if isinstance(event, Finished | Stopped):
                end = event
    assert end is not None
    return end
