"""Scoring a model while it is trained, and keeping the best."""

from torch.utils.tensorboard import SummaryWriter

from s2f_cli.cli import console
from s2f_cli.core.errors import S2FError
from s2f_cli.evaluation.checkpoint_scorer import CheckpointScorer
from s2f_cli.inference.translator import Translator
from s2f_cli.training.loop import Training
from s2f_cli.training.run_folder import Run


class BestCheckpoint:
    """Judges a run every so many steps: logs its scores as `SPLIT/METRIC:DOMAIN`, keeps the best bundle.

    `stale` counts the evaluations since the best one, of the score named `key`.
    """

    def __init__(self, run: Run, judge: CheckpointScorer, every: int) -> None:
        self._run, self._judge, self._every = run, judge, every
        self.key = f"{judge.split}/{judge.by}"
        self.stale = 0
        self._best: tuple[int, float] | None = None
        self._told: set[str] = set()
        for step, value in run.logged(self.key):
            self._keep(step, value)
        warning = ": its scores there will flatter" if judge.split == "test" else ""
        console.say(f"keeping the best model by {judge.by} on the split {judge.split}{warning}")

    def _keep(self, step: int, value: float) -> bool:
        better = self._judge.better(value, self._best[1] if self._best else None)
        self.stale = 0 if better else self.stale + 1
        if better:
            self._best = step, value
        return better

    def after(self, training: Training, board: SummaryWriter) -> None:
        """Judge the model if its step is due: each `every` steps, at the start and at the end.

        Says which pairs cannot be read; where there is no score for that, training goes on without it. Raises
        S2FError at the start for a score that these images cannot have.
        """
        step = training.step
        if step % self._every and step != training.total:
            return
        translator = Translator(training.model, self._run.card(step), str(training.device))
        try:
            found = self._judge.scores(translator)
        except S2FError as problem:
            if not step and not self._judge.left_out:
                raise
            console.say(f"no scores at step {step}: {problem.line}")
            return
        finally:
            for name, reason in self._judge.left_out.items():
                if name not in self._told:
                    console.say(f"{name} is not scored: {reason}")
                    self._told.add(name)
        scores = {f"{self._judge.split}/{k}": v for k, v in found.items()}
        self._run.log({"step": step, **scores})
        for name, value in scores.items():
            board.add_scalar(name, value, step)
        if self._keep(step, scores[self.key]):
            self._run.save_best(training.model, step, scores)

    def tell(self) -> None:
        """Say on stderr which model is the best so far."""
        if self._best:
            step, value = self._best
            console.say(f"best by {self.key}: {value:.4g} at step {step}, {self._run.best}")
