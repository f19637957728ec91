"""Which checkpoint of a training is the best: the scores of the model on a split, and one that decides."""

from collections.abc import Sequence

from s2f_cli.core.errors import MetricError
from s2f_cli.core.images import Domain, other
from s2f_cli.data.manifest import Manifest
from s2f_cli.evaluation import ground_truth
from s2f_cli.evaluation.features import FeatureStore
from s2f_cli.evaluation.scoring import Sample, Scorer, find_metrics
from s2f_cli.evaluation.subjects import ModelSubject
from s2f_cli.inference.translator import Translator

_ALWAYS = ("ssim", "psnr", "mse")
_HELD_OUT = ("val", "test")


class CheckpointScorer:
    """Scores a model in training: SSIM, PSNR, MSE and the metric that it is chosen `by`.

    `by` is a metric and the domain that is made, like `ssim:face`, or a metric alone, whose mean over the
    directions then decides. The split is `val`, and `test` only where `val` has no pairs, unless one is
    named. Raises MissingPart for an unknown metric, MetricError where the model makes no such domain,
    DataError when the split has no pairs.
    """

    def __init__(
        self, manifest: Manifest, makes: Sequence[Domain], by: str, split: str | None = None
    ) -> None:
        self.by = by.strip().lower().replace("-", "_")
        self._metric, self._domain = self.by.partition(":")[::2]
        self._metrics = find_metrics([*_ALWAYS, self._metric])
        if not makes or (self._domain and self._domain not in makes):
            known = [self._metric, *(f"{self._metric}:{domain}" for domain in makes)] if makes else []
            raise MetricError(
                f"the model has no score {by!r} to be chosen by",
                f"it has {', '.join(known)}" if known else "it translates nothing: leave --best-by out",
            )
        self.split = split or next((name for name in _HELD_OUT if manifest.pairs(name)), _HELD_OUT[-1])
        self._truths = ground_truth.of_data(manifest.folder, self.split)
        self._store = FeatureStore()
        self.left_out: dict[str, str] = {}
        """Pairs that could not be scored, each with the reason."""

    def better(self, value: float, than: float | None) -> bool:
        """Whether a deciding score beats an earlier one; equal ones do not, and anything beats None."""
        if than is None:
            return True
        return value > than if self._metrics[self._metric].better == "higher" else value < than

    def scores(self, translator: Translator) -> dict[str, float]:
        """The scores of a model, `ssim:face` and so on, with the one that decides.

        Raises MetricError when the one that decides cannot be computed.
        """
        found: dict[str, float] = {}
        for to in translator.directions:
            scorer = Scorer(self._metrics, self._store)
            for sample in ModelSubject("", translator, (other(to), to), self._truths).samples():
                if isinstance(sample, Sample):
                    scorer.add(sample)
                else:
                    self.left_out[sample.name] = sample.reason
            scores = scorer.scores()
            if self._domain in ("", to) and self._metric in scores.failed:
                raise scores.failed[self._metric]
            found |= {f"{name}:{to}": score.value for name, score in scores.metrics.items()}
        if not self._domain:
            each = [found[f"{self._metric}:{to}"] for to in translator.directions]
            found[self._metric] = sum(each) / len(each)
        return found
