"""From samples to scores. Each image is decoded once, whatever the number of metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from s2f_cli.core import registry
from s2f_cli.core.errors import ImageError, MetricError, MissingPart, S2FError
from s2f_cli.core.images import to_bytes
from s2f_cli.evaluation.features import FeatureStore, Gatherer
from s2f_cli.evaluation.intervals import bootstrap
from s2f_cli.evaluation.metrics._contract import Metric, PairMetric, SetMetric


@dataclass(frozen=True)
class Sample:
    """A generated image beside its reference; either may be missing for metrics that compare sets."""

    name: str
    generated: Image.Image | None
    reference: Image.Image | None
    attributes: Mapping[str, str] = field(default_factory=dict)
    source: Image.Image | None = None
    """What the generated image was made from."""


@dataclass(frozen=True)
class Score:
    """One metric of one subject: its mean over `count` images, or its value for the set; a 95 % interval."""

    value: float
    count: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Scores:
    """What a subject scored."""

    metrics: dict[str, Score]
    per_image: dict[str, dict[str, float]]
    """Image name → metric → score, NaN where it is undefined."""
    failed: dict[str, S2FError]
    """Metrics that could not be computed, each with the reason."""
    variants: dict[str, str]
    """What exactly each metric measured."""
    undefined: dict[str, list[str]]
    """The images without a score, of each metric that has some."""
    attributes: dict[str, Mapping[str, str]]
    """What is known of each image."""


def find_metrics(names: Sequence[str]) -> dict[str, Metric]:
    """The metrics of these names, `ms-ssim` or `ms_ssim`; raises MissingPart for an unknown one."""
    wanted = [name.strip().lower().replace("-", "_") for name in names]
    return {name: registry.find("metrics", name) for name in wanted}


class Scorer:
    """Takes samples one by one (`add`) and sums them up (`scores`).

    `weights` maps a metric's name to the file of its network's weights, in place of the default one.
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
        self._attributes: dict[str, Mapping[str, str]] = {}
        self._gatherers: dict[str, Gatherer] = {}
        opened: dict[object, Gatherer] = {}
        for name, metric in self._set_metrics.items():
            try:
                extraction = store.open(metric.open, (weights or {}).get(name))
            except (MetricError, MissingPart) as problem:
                self._failed[name] = problem
                continue
            self._gatherers[name] = opened.setdefault(extraction, Gatherer(extraction))

    def add(self, sample: Sample) -> None:
        """Measure one sample.

        Raises ImageError, after the set metrics took the images, when the two differ in size and may not be
        resized. With `resize` the generated image takes the reference's size.
        """
        self._attributes[sample.name] = sample.attributes
        for gatherer in set(self._gatherers.values()):
            for image, is_reference in ((sample.generated, False), (sample.reference, True)):
                if image is not None:
                    gatherer.add(sample.name, _tensor(image, 3), is_reference=is_reference)
        if sample.generated is not None and sample.reference is not None and self._pair_metrics:
            self._compare(sample.name, sample.generated, sample.reference)

    def _compare(self, name: str, generated: Image.Image, reference: Image.Image) -> None:
        if generated.size != reference.size:
            if not self._resize:
                raise ImageError(
                    f"it has {generated.width}x{generated.height} pixels, its reference "
                    f"{reference.width}x{reference.height}",
                    "--resize brings the generated image to the reference's size",
                )
            generated = generated.resize(reference.size, Image.Resampling.BICUBIC)
        channels = max(len(generated.getbands()), len(reference.getbands()))
        images = _tensor(generated, channels), _tensor(reference, channels)
        found = self._per_image.setdefault(name, {})
        for metric_name, metric in self._pair_metrics.items():
            if metric_name not in self._failed:
                try:
                    with torch.inference_mode():
                        found[metric_name] = float(metric.score(*images))
                except (MetricError, MissingPart) as problem:
                    self._failed[metric_name] = problem

    def scores(self) -> Scores:
        """The scores of everything added so far."""
        for name, gatherer in self._gatherers.items():
            self._measure(name, self._set_metrics[name], gatherer)
        for name in self._pair_metrics:
            self._average(name)
        ordered = {name: self._values[name] for name in self._order if name in self._values}
        return Scores(
            ordered, self._per_image, dict(self._failed), self._variants, self._undefined, self._attributes
        )

    def _average(self, name: str) -> None:
        self._variants[name] = self._pair_metrics[name].variant
        if name in self._failed:
            return
        each = {image: scores[name] for image, scores in self._per_image.items() if name in scores}
        self._note_undefined(name, [image for image, value in each.items() if np.isnan(value)])
        defined = np.array([value for value in each.values() if not np.isnan(value)])
        if len(defined):
            low, high = bootstrap(defined) or (None, None)
            self._values[name] = Score(float(defined.mean()), len(defined), low, high)
        else:
            self._failed[name] = MetricError(f"{name} is defined for none of the pairs")

    def _measure(self, name: str, metric: SetMetric, gatherer: Gatherer) -> None:
        self._variants[name] = f"{metric.variant}; {gatherer.variant}"
        try:
            images, generated, reference = gatherer.features(paired=metric.paired)
        except MetricError as problem:
            self._failed[name] = MetricError(f"{name}: {problem.message}", problem.hint)
            return
        try:
            self._note_undefined(name, gatherer.without_features())
            found = metric.measure(generated, reference)
        except MetricError as problem:
            self._failed[name] = problem
            return
        low, high = found.low, found.high
        if found.each:
            low, high = bootstrap(np.array(found.each)) or (None, None)
            for image, value in zip(images, found.each, strict=True):
                self._per_image.setdefault(image, {})[name] = value
        self._values[name] = Score(found.value, len(generated), low, high)

    def _note_undefined(self, name: str, images: list[str]) -> None:
        if images:
            self._undefined[name] = images


def _tensor(image: Image.Image, channels: int) -> torch.Tensor:
    """An image as (1, channels, height, width) in [0, 1]; one channel counts as three equal ones."""
    return torch.tensor(to_bytes(image, channels))[None].float() / 255
