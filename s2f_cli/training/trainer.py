"""Run a whole training, from its start or its last save to its end, as a stream of events.

The trainer owns everything between the steps: the run folder, when to save, log, sample and score, health
checks, early stopping, and which of several processes writes. It never prints.
"""

import time
from collections.abc import Iterator, Mapping

import torch

from s2f_cli.core import distributed
from s2f_cli.core.errors import RunError
from s2f_cli.data.manifest import Manifest
from s2f_cli.inference.torch_engine import TorchEngine, choose_device
from s2f_cli.inference.translator import Translator
from s2f_cli.models import locate, recipes
from s2f_cli.training import budget, initial_weights
from s2f_cli.training.assemble import assemble, budget_of
from s2f_cli.training.best_checkpoint import BestCheckpoint, ScorerFactory
from s2f_cli.training.cost import Spent
from s2f_cli.training.events import (
    Advised,
    Event,
    Finished,
    Initialised,
    Logged,
    Saved,
    Started,
    Stepped,
    Stopped,
    StopReason,
    Warned,
)
from s2f_cli.training.health import TrainingMonitor
from s2f_cli.training.loop import StepResult
from s2f_cli.training.remaining_time import RemainingTime
from s2f_cli.training.request import BEST_BY, EVALUATE_EVERY, TrainRequest
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_lock import locked
from s2f_cli.training.run_numbers import reserve_folder
from s2f_cli.training.samples import SampleGrids

SAVE_SECONDS = 300
"""Maximum seconds between two saves."""
LOG_EVERY = 10
"""Maximum steps between two log entries; short trainings log about 100 times."""


class Trainer:
    """Trains a recipe while you iterate over `run`.

    The constructor reads and checks everything and builds the networks, but writes nothing. `scorer` builds
    the scorer of checkpoints, usually `s2f_cli.evaluation.checkpoint_scorer.CheckpointScorer`; only a request
    that is `scored` needs it. Raises S2FError if the request cannot be carried out.

    request      the settings
    device       the device to train on; without one, the request's
    manifest     the data set
    run_folder   the run; its folder exists once `run` has started
    training     networks, optimisers and the number of completed steps
    step_costs   seconds of a step of each stage, if they have been measured (`dry_run.measure`): the estimate
                 of the time left is wrong without them where stages differ
    """

    def __init__(
        self,
        request: TrainRequest,
        device: torch.device | None = None,
        *,
        scorer: ScorerFactory | None = None,
    ) -> None:
        request.check()
        self.request = request
        self.device = choose_device(request.device) if device is None else device
        recipe = recipes.read(request.recipe, request.overrides)
        self.manifest = Manifest.read(request.data)
        self._scorer = None
        if request.scored:
            if scorer is None:
                raise RunError("a scored training needs a scorer", "pass one, or use s2f_cli.train")
            by, split = request.best_by or BEST_BY, request.evaluate_on
            self._scorer = scorer(self.manifest, tuple(recipe.directions), by, split)
        self._budget = budget_of(request)
        self._source = locate.by_name(request.init_from) if request.init_from else None
        self.run_folder, self.training = assemble(request, recipe, self.manifest, self.device)
        self.step_costs: Mapping[str, float] = {}
        self._spent = Spent()
        self._created = request.resume
        self._saved_at = self.run_folder.saved_at if request.resume else 0
        if request.resume and (state := self.run_folder.load()) is not None:
            self.training.restore(state)
            self._spent = Spent.of(state) or Spent()
        self._stop_requested = False
        self._last_save = time.monotonic()

    def stop(self) -> None:
        """Ask `run` to finish the step, save and end. Safe in other threads and in signal handlers."""
        self._stop_requested = True

    def run(self) -> Iterator[Event]:
        """Train to the end, yielding events; `Finished` or `Stopped` is the last.

        After a stop, call it again to continue. Leaving the loop early saves nothing: the run folder then
        holds the last save. With several processes, only the first writes and yields all events; the others
        yield their last event alone.

        Raises RunError if the output folder is taken, a loss or weight is not a finite number, or memory runs
        out; S2FError if a file cannot be written, or the deciding score cannot be computed at the start.
        """
        lead = distributed.rank() == 0
        if source := self._source:
            self._source = None
            matches = initial_weights.copy_matching(
                self.training.networks, initial_weights.read_weights(source)
            )
            if lead:
                yield Initialised(source, matches)
        if lead:
            self._reserve()
            with locked(self.run_folder.folder):
                yield from self._lead()
        else:
            yield self._follow()

    def _follow(self) -> Event:
        """Train as one of several processes that write nothing."""
        for result in self.training.run():
            if self._stops() and result.step < result.total:
                return Stopped(result.step, result.total, "requested", 0, None)
        return Finished(self.training.step, self.training.total, None)

    def _lead(self) -> Iterator[Event]:
        request, training = self.request, self.training
        yield self._start()
        precision = self.run_folder.settings.precision
        if request.precision not in ("auto", precision):
            reason = f"{request.precision} is not used: this processor has no instructions for it"
            yield Warned(training.step, f"{reason}, so {precision} is faster")
        monitor = TrainingMonitor({stage.name: stage for stage in training.recipe.stages})
        samples = SampleGrids(self.run_folder, self.manifest, monitor)
        best = BestCheckpoint(self.run_folder, self._scorer) if self._scorer else None
        log_every = max(1, min(LOG_EVERY, training.total // 100))
        evaluate_every = request.evaluate_every or EVALUATE_EVERY
        self._last_save = start = time.monotonic()
        images = 0

        if best and not training.step:
            yield from best.score(self._translator(), training.model, 0)
        if self._budget_used() and training.step < training.total:
            yield self._stopped("budget", best)
            return
        mark = budget.clock(self.device)
        stages = list(zip([stage.name for stage in training.recipe.stages], training.lengths, strict=True))
        for result, left in RemainingTime(stages, self.step_costs).timed(training.run()):
            self._spent.seconds += budget.clock(self.device) - mark
            self._spent.images += result.images
            step, last = result.step, result.step == result.total
            images += result.images
            speed = images / max(time.monotonic() - start, 1e-9)
            yield Stepped(step, result.total, result.epoch, result.stage, speed, left)

            # Log the losses and check them.
            if last or step % log_every == 0:
                losses = self._log(result)
                yield Logged(step, result.total, result.epoch, result.stage, losses, speed, left)
                for advice in monitor.check_losses(result.stage, losses):
                    yield Advised(step, advice)

            # Write a sample grid.
            if last or step % request.sample_every == 0:
                yield from samples.write(self._translator(), step)

            # Score the model and keep the best.
            stale = False
            if best and (last or step % evaluate_every == 0):
                yield from best.score(self._translator(), training.model, step)
                stale = bool(request.patience and best.stale >= request.patience and not last)
            over = self._budget_used() and not last
            if stale or over:
                self.run_folder.total_steps = step

            # Save, and stop if asked to.
            stops = self._stops(stale or over)
            keeps = bool(request.keep_every and step % request.keep_every == 0)
            if last or stops or keeps or step % request.save_every == 0 or self._overdue():
                yield self._save(keeps)
            if stops and not last:
                yield self._stopped("stale" if stale else "budget" if over else "requested", best)
                return
            mark = budget.clock(self.device)

        if not self.run_folder.bundle.exists():
            yield self._save(False)
        yield Finished(training.step, training.total, best.best if best else None)

    def _stopped(self, reason: StopReason, best: BestCheckpoint | None) -> Stopped:
        count, score = (best.stale, best.best) if best else (0, None)
        return Stopped(self.training.step, self.training.total, reason, count, score)

    def _budget_used(self) -> bool:
        return self._budget is not None and self._spent.seconds >= self._budget.seconds

    def _reserve(self) -> None:
        """Create the folder of a new run; without a name, the next that no other process has taken."""
        if self._created:
            return
        run = self.run_folder
        if self.request.output is None:
            self.run_folder = Run(reserve_folder(run.settings.recipe.name), run.settings)
        else:
            run.make_folder()

    def _start(self) -> Started:
        """Create the run folder, or return it to the step where training continues."""
        run, training, resumed = self.run_folder, self.training, self._created
        if resumed:
            if run.saved_at != self._saved_at:
                raise RunError(
                    f"another process has trained {run.folder} meanwhile", "repeat the command to continue it"
                )
            run.rewind(training.step)
            run.settings.write(run.folder)
        else:
            self.run_folder = run = Run.create(run.folder, run.settings)
            self._created = True
        run.total_steps = training.total
        return Started(
            run=run,
            step=training.step,
            total=training.total,
            device=str(self.device),
            processes=distributed.world_size(),
            resumed=resumed,
            score=f"{self._scorer.split}/{self._scorer.by}" if self._scorer else None,
        )

    def _stops(self, ends: bool = False) -> bool:
        """Whether to stop after this step, as agreed by all processes. Clears the request to stop."""
        stops = self._stop_requested or ends
        if distributed.world_size() > 1:
            stops = distributed.any_process(stops, self.device)
        if stops:
            self._stop_requested = False
        return stops

    def _overdue(self) -> bool:
        return time.monotonic() - self._last_save > SAVE_SECONDS

    def _translator(self) -> Translator:
        training = self.training
        engine = TorchEngine(training.model, training.recipe, str(self.device))
        return Translator(engine, self.run_folder.card(training.step))

    def _log(self, result: StepResult) -> dict[str, float]:
        losses = result.losses()
        self.run_folder.log({"step": result.step, "stage": result.stage, "epoch": result.epoch, **losses})
        return losses

    def _save(self, keep: bool) -> Saved:
        run, training = self.run_folder, self.training
        state = training.state() | {"spent": self._spent.record(self.device)}
        if keep:
            run.keep(training.model, training.step)
        # Write the model before the state, so that a kill never leaves a newer state beside an older model.
        run.save_bundle(training.model, training.step)
        run.save(state)
        self._saved_at = run.saved_at
        self._last_save = time.monotonic()
        return Saved(training.step, run.bundle, run.kept(training.step) if keep else None)
