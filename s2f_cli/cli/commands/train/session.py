"""One training, as `s2f train` was asked for it: opened or resumed, driven to its end, saved."""

import threading
import time
from pathlib import Path

import torch
import typer

from s2f_cli.cli import console
from s2f_cli.cli.commands.train.best_checkpoint import BestCheckpoint
from s2f_cli.cli.commands.train.health import HealthCheck
from s2f_cli.cli.commands.train.loggers import Loggers
from s2f_cli.cli.commands.train.progress import TrainingDisplay
from s2f_cli.cli.commands.train.request import EVALUATE_EVERY, TrainRequest
from s2f_cli.cli.commands.train.resume import continued, fresh
from s2f_cli.cli.commands.train.signals import gentle_stop
from s2f_cli.core import distributed, images
from s2f_cli.core.errors import S2FError
from s2f_cli.data.manifest import Manifest
from s2f_cli.evaluation.checkpoint_scorer import CheckpointScorer
from s2f_cli.inference.sampling import sample_sheet
from s2f_cli.inference.translator import Translator
from s2f_cli.models import recipes
from s2f_cli.models.recipes.schema import Stage
from s2f_cli.training import run_folder, validate
from s2f_cli.training.batches import Batches
from s2f_cli.training.compute import ComputeConfig
from s2f_cli.training.initial_weights import transfer, weights_of
from s2f_cli.training.loop import StepResult, Training
from s2f_cli.training.run_folder import Run

SAMPLES = 6
"""How many people of the data set a sample grid shows."""
SAVE_SECONDS = 300
"""A state is saved at the latest after so many seconds."""


class Session:
    """A training with its run folder, on a device; nothing is written before `begin`.

    Raises S2FError when the order cannot be carried out.
    """

    def __init__(self, order: TrainRequest, device: torch.device) -> None:
        self.order, self.device = order, device
        self.lead = distributed.rank() == 0
        wanted = recipes.read(order.recipe, order.overrides)
        self.manifest = Manifest.read(order.data)
        by = order.best_by or "ssim"
        self._judge = (
            CheckpointScorer(self.manifest, tuple(wanted.directions), by, order.evaluate_on or "")
            if order.judges
            else None
        )
        if order.resume:
            self.run = continued(order, wanted, self.manifest)
        else:
            settings = fresh(order, wanted.with_length(order.steps, order.epochs), self.manifest, device)
            validate.check(settings.recipe)
            self.run = Run(order.output or run_folder.fresh_folder(wanted.name), settings)
        self.training = self._training()
        self._state = self.run.load() if order.resume else None
        if self._state is not None:
            self.training.restore(self._state)

    def _training(self) -> Training:
        settings, order = self.run.settings, self.order
        recipe = settings.recipe

        def batches(stage: Stage) -> Batches:
            rows = distributed.rows_of(stage.batch_size, order.accumulate)
            return Batches.of(recipe, stage, self.manifest, seed=settings.seed, rows=rows)

        compute = ComputeConfig(
            settings.precision,  # type: ignore[arg-type]
            accumulation_steps=order.accumulate,
            deterministic=order.deterministic,
            compile=order.compile,
        )
        return Training(recipe, batches, seed=settings.seed, device=str(self.device), compute=compute)

    def begin(self) -> None:
        """Make the run folder, or make it look as if it had been stopped where it goes on; say which."""
        order, run, training = self.order, self.run, self.training
        among = f" in {distributed.world_size()} processes" if distributed.world_size() > 1 else ""
        if order.init_from:
            self._initialise(order.init_from)
        if not self.lead:
            return
        if order.resume:
            run.rewind(training.step)
            run.rewrite()
            at = f"at step {training.step} of {training.total} on {self.device}{among}"
            console.say(f"resuming {run.folder} {at}")
        else:
            self.run = Run.create(run.folder, run.settings)
            name = run.settings.recipe.name
            console.say(f"training {name} into {run.folder} on {self.device}{among}, {training.total} steps")

    def _initialise(self, path: Path) -> None:
        matches = transfer(self.training.networks, weights_of(path))
        columns = ("role", "taken", "of another shape", "not there")
        if self.lead:
            console.err.print(
                console.table(f"weights of {path}", columns, [tuple(map(str, m)) for m in matches])
            )

    def drive(self) -> None:
        """Run the training to its end, to Ctrl-C or until it gets no better; the first process draws, logs,
        samples, judges and saves.
        """
        with gentle_stop(self.lead) as stopped:
            if not self.lead:
                for report in self.training.run():
                    if self._stopping(stopped) and report.step < report.total:
                        return
                return
            with Loggers(self.run, self.training.step) as recorder, self._display() as display:
                self._lead(stopped, recorder, display)

    def _display(self) -> TrainingDisplay:
        return TrainingDisplay(self.run.settings.recipe.name, self.training.step, self.training.total)

    def _lead(self, stopped: threading.Event, recorder: Loggers, display: TrainingDisplay) -> None:
        run, training, order = self.run, self.training, self.order
        checkup = HealthCheck(training, self.manifest)
        judging = (
            BestCheckpoint(run, self._judge, order.evaluate_every or EVALUATE_EVERY) if self._judge else None
        )
        log_every = max(1, min(10, training.total // 100))
        last_save, losses = time.monotonic(), None
        if judging and not training.step:
            judging.after(training, recorder.board)
        for report in training.run():
            last = report.step == training.total
            if report.step == 1 or last or report.step % log_every == 0:
                losses = report.losses()
                if last or report.step % log_every == 0:
                    recorder.log(report, losses, display.images_per_second)
                    checkup.listen(report.stage, losses)
            shown = losses if last or report.step % log_every == 0 else None
            display.step(report.step, report.epoch, report.stage, report.images, shown)
            if last or report.step % order.sample_every == 0:
                self._sample(report, recorder, checkup)
            tired = False
            if judging:
                judging.after(training, recorder.board)
                tired = bool(order.patience and judging.stale >= order.patience and not last)
                if tired:
                    console.say(f"no better {judging.key} for {judging.stale} evaluations: stopping early")
                    stopped.set()
            stopping = self._stopping(stopped)
            kept = bool(order.keep_every and report.step % order.keep_every == 0)
            if last or stopping or report.step % order.save_every == 0 or kept or _overdue(last_save):
                self._save(kept)
                last_save = time.monotonic()
            if stopping and not last:
                at = f"stopped at step {report.step} of {report.total}, saved"
                console.say(f"{at}; go on with: {order.again(run.folder)}")
                if not tired:
                    raise typer.Exit(console.INTERRUPTED)
                break
        if not run.bundle.exists():
            self._save(False)
        recorder.finish(losses or {})
        if judging:
            judging.tell()

    def _stopping(self, stopped: threading.Event) -> bool:
        """Whether this is the last step, which all processes must agree on."""
        return (
            distributed.any_process(stopped.is_set(), self.device)
            if distributed.world_size() > 1
            else stopped.is_set()
        )

    def _sample(self, report: StepResult, recorder: Loggers, checkup: HealthCheck) -> None:
        """Write a grid of fixed people; where one of their files cannot be read, say so and go on."""
        shown = Translator(self.training.model, self.run.card(report.step), str(self.device))
        try:
            grid = sample_sheet(shown, self.manifest, SAMPLES)
            checkup.look(shown)
        except S2FError as problem:
            console.say(f"no samples at step {report.step}: {problem.line}")
            return
        images.write(grid, self.run.folder / "samples" / f"{report.step:06}.png")
        recorder.picture("samples", grid, report.step)

    def _save(self, kept: bool) -> None:
        # The model goes first, so that no kill can leave a finished state beside an older model.
        state = self.training.state()
        if kept:
            self.run.keep(self.training.model, self.training.step)
        self.run.save_bundle(self.training.model, self.training.step)
        self.run.save(state)


def _overdue(last_save: float) -> bool:
    return time.monotonic() - last_save > SAVE_SECONDS
