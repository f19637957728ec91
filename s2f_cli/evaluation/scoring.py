"""Score samples by any number of metrics. Each image is converted once for all of them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from s2f_cli.core import registry
from s2f_cli.core.errors import ImageError, MetricError, MissingPart, S2FError
from s2f_cli.core.images import to_bytes
from s2f_cli.evaluation.features import FeatureCollector, FeatureStore
from s2f_cli.evaluation.intervals import bootstrap
from s2f_cli.evaluation.metrics._contract import Features, ImageTooSmall, Metric, PairMetric, SetMetric


@dataclass(frozen=True)
class Sample:
    """A generated image and its reference. Metrics of sets also take samples that have only one of them."""

    name: str
    generated: Image.Image | None
    reference: Image.Image | None
    attributes: Mapping[str, str] = field(default_factory=dict)
    source: Image.Image | None = None
    """The image that `generated` was translated from, if known."""


@dataclass(frozen=True)
class Score:
    """The score of one subject in one metric: a mean over images, or the value of a set."""

    value: float
    count: int
    """Images that the value was computed from; 0 for numbers that were not measured here."""
    low: float | None = None
    """Lower end of the 95 % interval, if there is one."""
    high: float | None = None


@dataclass(frozen=True)
class Scores:
    """All scores of one subject."""

    by_metric: dict[str, Score]
    per_image: dict[str, dict[str, float]] = field(default_factory=dict)
    """Image name → metric → score, NaN where it is undefined."""
    failed: dict[str, S2FError] = field(default_factory=dict)
    """Metric → the error that prevented it from being computed."""
    variants: dict[str, str] = field(default_factory=dict)
    """Metric → its exact variant."""
    undefined: dict[str, list[str]] = field(default_factory=dict)
    """Metric → the images for which it is undefined."""
    attributes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Image name → its attributes."""
    reasons: dict[str, dict[str, str]] = field(default_factory=dict)
    """Metric → image → why it is undefined, if more is known than that."""
    infinite: dict[str, list[str]] = field(default_factory=dict)
    """Metric → the images with an infinite score, which the mean leaves out."""


@dataclass(frozen=True)
class ScorerState:
    """What samples have given: enough to compute their scores later, with those of other samples."""

    values: Mapping[str, Any]
    """Values for JSON, which may be NaN or infinite."""
    features: Mapping[str, Features]
    """The features of images (D,)."""


def mean_score(values: Iterable[float]) -> Score | None:
    """The mean of scores with its interval. NaN is left out, and so is infinity unless no score is finite.

    An infinite score, such as the PSNR of two equal images, says nothing about the other pairs; with it the
    mean would be infinite whatever they score. None if every score is NaN.
    """
    defined = np.array([value for value in values if not math.isnan(value)])
    finite = defined[np.isfinite(defined)]
    used = finite if len(finite) else defined
    if not len(used):
        return None
    low, high = bootstrap(used) or (None, None)
    return Score(float(used.mean()), len(used), low, high)


def find_metrics(names: Sequence[str]) -> dict[str, Metric]:
    """Look up metrics by name, with `-` or `_`, in any case. Raises MissingPart for an unknown one."""
    normalised = [name.strip().lower().replace("-", "_") for name in names]
    return {name: registry.find("metrics", name) for name in normalised}


class Scorer:
    """Collects samples with `add`; `scores` computes the scores of all of them.

    `weights` maps a metric to a file with the weights of its network, in place of the published ones.
    """

    def __init__(
        self,
        metrics: Mapping[str, Metric],
        store: FeatureStore,
        *,
        resize: bool = False,
        weights: Mapping[str, Path] | None = None,
    ) -> None:
        self._pair_metrics = {name: m for name, m in metrics.items() if isinstance(m, PairMetric)}
        self._set_metrics = {name: m for name, m in metrics.items() if isinstance(m, SetMetric)}
        self._order = list(metrics)
        self._resize = resize
        self._failed: dict[str, S2FError] = {}
        self._per_image: dict[str, dict[str, float]] = {}
        self._values: dict[str, Score] = {}
        self._variants: dict[str, str] = {}
        self._undefined: dict[str, list[str]] = {}
        self._reasons: dict[str, dict[str, str]] = defaultdict(dict)
        self._infinite: dict[str, list[str]] = {}
        self._attributes: dict[str, Mapping[str, str]] = {}
        self._collectors: dict[str, FeatureCollector] = {}
        shared: dict[object, FeatureCollector] = {}
        for name, metric in self._set_metrics.items():
            try:
                extraction = store.open(metric.open, (weights or {}).get(name))
            except (MetricError, MissingPart) as problem:
                self._failed[name] = problem
                continue
            self._collectors[name] = shared.setdefault(extraction, FeatureCollector(extraction))

    def add(self, sample: Sample) -> None:
        """Score one sample.

        With `resize`, a generated image of another size is resized to its reference. Otherwise raises
        ImageError, but metrics of sets still include the images.
        """
        self._attributes[sample.name] = sample.attributes
        for collector in set(self._collectors.values()):
            for image, is_reference in ((sample.generated, False), (sample.reference, True)):
                if image is not None:
                    collector.add(sample.name, _tensor(image, 3), is_reference=is_reference)
        if sample.generated is not None and sample.reference is not None and self._pair_metrics:
            self._compare(sample.name, sample.generated, sample.reference)

    def flush(self) -> None:
        """End the batches of images of which the features are extracted together."""
        for collector in set(self._collectors.values()):
            collector.flush()

    def state(self) -> "ScorerState":
        """What all samples added so far have given."""
        digests: dict[str, list[dict[str, str]]] = {}
        features: dict[str, Features] = {}
        for name, collector in self._distinct().items():
            digests[name], rows = collector.state()
            features |= {f"{name}/{digest}": row for digest, row in rows.items()}
        values = {
            "per_image": self._per_image,
            "failed": {name: [error.message, error.hint] for name, error in self._failed.items()},
            "reasons": self._reasons,
            "attributes": self._attributes,
            "digests": digests,
        }
        return ScorerState(values, features)

    def add_state(self, state: "ScorerState") -> None:
        """Add samples of which another scorer returned the state."""
        self._per_image |= state.values["per_image"]
        self._attributes |= state.values["attributes"]
        for name, (message, hint) in state.values["failed"].items():
            self._failed.setdefault(name, MetricError(message, hint))
        for name, reasons in state.values["reasons"].items():
            self._reasons[name] |= reasons
        for name, collector in self._distinct().items():
            rows = {
                key.removeprefix(f"{name}/"): row
                for key, row in state.features.items()
                if key.startswith(f"{name}/")
            }
            if name in state.values["digests"]:
                collector.add_state(state.values["digests"][name], rows)

    def _distinct(self) -> dict[str, FeatureCollector]:
        """Each collector once, by the first metric that uses it."""
        return {
            name: collector
            for name, collector in self._collectors.items()
            if name == next(n for n, other in self._collectors.items() if other is collector)
        }

    def _compare(self, name: str, generated: Image.Image, reference: Image.Image) -> None:
        if generated.size != reference.size:
            if not self._resize:
                raise ImageError(
                    f"the image has {generated.width}x{generated.height} pixels, its reference "
                    f"{reference.width}x{reference.height}",
                    "use --resize to resize generated images to their references",
                )
            generated = generated.resize(reference.size, Image.Resampling.BICUBIC)
        channels = max(len(generated.getbands()), len(reference.getbands()))
        tensors = _tensor(generated, channels), _tensor(reference, channels)
        scores = self._per_image.setdefault(name, {})
        for metric_name, metric in self._pair_metrics.items():
            if metric_name not in self._failed:
                try:
                    with torch.inference_mode():
                        scores[metric_name] = float(metric.score(*tensors))
                except ImageTooSmall as problem:
                    scores[metric_name] = math.nan
                    self._reasons[metric_name][name] = problem.message
                except (MetricError, MissingPart) as problem:
                    self._failed[metric_name] = problem

    def scores(self) -> Scores:
        """The scores of all samples added so far."""
        for name, collector in self._collectors.items():
            self._measure(name, self._set_metrics[name], collector)
        for name in self._pair_metrics:
            self._average(name)
        return Scores(
            by_metric={name: self._values[name] for name in self._order if name in self._values},
            per_image=self._per_image,
            failed=dict(self._failed),
            variants=self._variants,
            undefined=self._undefined,
            reasons=dict(self._reasons),
            infinite=self._infinite,
            attributes=self._attributes,
        )

    def _average(self, name: str) -> None:
        self._variants[name] = self._pair_metrics[name].variant
        if name in self._failed:
            return
        values = {image: scores[name] for image, scores in self._per_image.items() if name in scores}
        self._note_undefined(name, [image for image, value in values.items() if np.isnan(value)])
        score = mean_score(values.values())
        if score is None:
            reason = next(iter(self._reasons[name].values()), "") if name in self._reasons else ""
            self._failed[name] = MetricError(
                f"{name} is undefined for every pair" + (f": {reason}" if reason else "")
            )
            return
        self._values[name] = score
        if math.isfinite(score.value):
            infinite = [image for image, value in values.items() if math.isinf(value)]
            if infinite:
                self._infinite[name] = infinite

    def _measure(self, name: str, metric: SetMetric, collector: FeatureCollector) -> None:
        self._variants[name] = f"{metric.variant}; {collector.variant}"
        try:
            images, generated, reference = collector.features(paired=metric.paired)
        except MetricError as problem:
            self._failed[name] = MetricError(f"{name}: {problem.message}", problem.hint)
            return
        try:
            odd = collector.of_other_lengths()
            self._note_undefined(name, sorted({*collector.without_features(), *odd}))
            self._reasons[name] |= dict.fromkeys(odd, "it has another size than most images")
            score = metric.measure(generated, reference)
        except MetricError as problem:
            self._failed[name] = problem
            return
        if not math.isfinite(score.value):
            self._failed[name] = MetricError(f"{name} is {score.value}, not a number", "check the images")
            return
        low, high = score.low, score.high
        if score.per_row:
            low, high = bootstrap(np.array(score.per_row)) or (None, None)
            for image, value in zip(images, score.per_row, strict=True):
                self._per_image.setdefault(image, {})[name] = value
        self._values[name] = Score(score.value, len(generated), low, high)

    def _note_undefined(self, name: str, images: list[str]) -> None:
        if images:
            self._undefined[name] = images


def _tensor(image: Image.Image, channels: int) -> torch.Tensor:
    """Convert an image to (1, channels, height, width) in [0, 1]; a gray one is repeated for 3 channels."""
    return torch.tensor(to_bytes(image, channels))[None].float() / 255
