"""Score the checkpoints of a training, to choose the best."""

import math
from collections.abc import Sequence

from s2f_cli.core import registry
from s2f_cli.core.errors import MetricError
from s2f_cli.data.manifest import Manifest
from s2f_cli.evaluation import ground_truth
from s2f_cli.evaluation.features import FeatureStore
from s2f_cli.evaluation.given import ALL, Given
from s2f_cli.evaluation.scoring import Sample, Scorer, find_metrics
from s2f_cli.evaluation.subjects import ModelSubject
from s2f_cli.inference.translator import Translator
from s2f_cli.models.domains import Domain, other

_ALWAYS = ("ssim", "psnr", "mse")
_HELD_OUT = ("val", "test")


class CheckpointScorer:
    """Scores checkpoints by SSIM, PSNR, MSE and the metric that decides.

    The deciding score `by` is a metric and a domain, such as `ssim:face`, or a metric alone: its mean over
    the directions. Without a split, it is `val`, or `test` if `val` has no pairs. The model is given all
    conditions of each pair, as in training: labels, and colours measured on the true photo.

    Raises MissingPart for an unknown metric, MetricError if the model does not translate to the domain,
    DataError if the split has no pairs.
    """

    def __init__(
        self, manifest: Manifest, domains: Sequence[Domain], by: str, split: str | None = None
    ) -> None:
        self.by = by.strip().lower().replace("-", "_")
        self._metric, self._domain = self.by.partition(":")[::2]
        self._metrics = find_metrics([*_ALWAYS, self._metric])
        if not domains or (self._domain and self._domain not in domains):
            known = [self._metric, *(f"{self._metric}:{domain}" for domain in domains)] if domains else []
            raise MetricError(
                f"the model has no score {by!r} to choose by",
                registry.did_you_mean(self.by, known)
                if known
                else "leave out --best-by: the model has no direction",
            )
        self.split = split or next((name for name in _HELD_OUT if manifest.pairs(name)), _HELD_OUT[-1])
        self._ground_truth = ground_truth.of_data(manifest.folder, self.split)
        self._store = FeatureStore()
        self._given = Given((ALL,))
        self.left_out: dict[str, str] = {}
        """Pairs that could not be scored → reason."""

    def better(self, value: float, than: float | None) -> bool:
        """Whether a deciding score beats an earlier one. An equal score does not; any score beats None.

        NaN beats nothing, and every number beats NaN.
        """
        if math.isnan(value):
            return False
        if than is None or math.isnan(than):
            return True
        return value > than if self._metrics[self._metric].better == "higher" else value < than

    def scores(self, translator: Translator) -> dict[str, float]:
        """The scores of a model by metric and domain, such as `ssim:face`, including the deciding score.

        Raises MetricError if the deciding score cannot be computed.
        """
        values: dict[str, float] = {}
        for to in translator.directions:
            scorer = Scorer(self._metrics, self._store)
            subject = ModelSubject("", translator, (other(to), to), self._ground_truth, given=self._given)
            for sample in subject.samples():
                if isinstance(sample, Sample):
                    scorer.add(sample)
                else:
                    self.left_out[sample.name] = sample.reason
            scores = scorer.scores()
            if self._domain in ("", to) and self._metric in scores.failed:
                raise scores.failed[self._metric]
            values |= {f"{name}:{to}": score.value for name, score in scores.by_metric.items()}
        if not self._domain:
            by_direction = [values[f"{self._metric}:{to}"] for to in translator.directions]
            values[self._metric] = sum(by_direction) / len(by_direction)
        return values
