"""Scores a model while it trains and keeps the best checkpoint."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from s2f_cli.core.errors import S2FError
from s2f_cli.data.manifest import Manifest
from s2f_cli.inference.translator import Translator
from s2f_cli.models.domains import Domain
from s2f_cli.models.roles import Networks
from s2f_cli.training.events import BestScore, Scored, Warned
from s2f_cli.training.run_folder import Run


class ScoresModels(Protocol):
    """The interface of a scorer of checkpoints; `s2f_cli.evaluation.checkpoint_scorer` implements it."""

    by: str
    """`METRIC` or `METRIC:DOMAIN`: the score that decides."""
    split: str
    left_out: dict[str, str]
    """Pairs that could not be scored so far, each with the reason."""

    def scores(self, translator: Translator) -> Mapping[str, float]:
        """Scores by `METRIC:DOMAIN`, including `by`; raises S2FError if `by` cannot be computed."""

    def better(self, value: float, than: float | None) -> bool:
        """Whether a score beats an earlier one; anything beats None."""


ScorerFactory = Callable[[Manifest, Sequence[Domain], str, str | None], ScoresModels]
"""Builds a scorer from a data set, the domains of the translations, the deciding score and a split."""


class BestCheckpoint:
    """The best checkpoint of a run, by one score. Continues from the scores in the run's log.

    `stale` counts the evaluations since the best one.
    """

    def __init__(self, run: Run, scorer: ScoresModels) -> None:
        self._run, self._scorer = run, scorer
        self.key = f"{scorer.split}/{scorer.by}"
        self.stale = 0
        self.best: BestScore | None = None
        self._reported: set[str] = set()
        for step, value in run.logged(self.key):
            self._compare(step, value)

    def score(self, translator: Translator, networks: Networks, step: int) -> Iterator[Scored | Warned]:
        """Score a model, log the scores and save the model if it is the best so far.

        Pairs that cannot be read are reported once; without any score, training continues. Raises S2FError
        at step 0 if the deciding score cannot be computed for these images.
        """
        try:
            scores = {f"{self._scorer.split}/{k}": v for k, v in self._scorer.scores(translator).items()}
            problem = None
        except S2FError as error:
            if not step and not self._scorer.left_out:
                raise
            scores, problem = {}, error
        for name, reason in self._scorer.left_out.items():
            if name not in self._reported:
                self._reported.add(name)
                yield Warned(step, f"{name} is not scored: {reason}")
        if problem:
            yield Warned(step, f"no scores at step {step}: {problem.line}")
            return
        self._run.log({"step": step, **scores})
        best = self._compare(step, scores[self.key])
        if best:
            self._run.save_best(networks, step, {self.key: scores[self.key], **scores})
        yield Scored(step, scores, best, self.stale)

    def _compare(self, step: int, value: float) -> bool:
        better = self._scorer.better(value, self.best.value if self.best else None)
        self.stale = 0 if better else self.stale + 1
        if better:
            self.best = BestScore(self.key, value, step, self._run.best)
        return better
