"""The measurement of a subject: its samples, block by block, and the results that they give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import ImageFilter

from s2f_cli.core.errors import ImageError
from s2f_cli.core.shards import Shard
from s2f_cli.evaluation.features import FeatureStore
from s2f_cli.evaluation.gallery import Gallery
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.parts import BLOCK, SubjectParts
from s2f_cli.evaluation.results import EvaluationResult, printed_results
from s2f_cli.evaluation.scoring import Sample, Scorer
from s2f_cli.evaluation.subjects import Skipped, Subject

_BLUR = 1 / 128
"""The radius of the control's blur as a fraction of the longer side: 2 pixels at 256, and at least 1."""

Progress = Callable[[str, int, int], None]
"""Called after each sample with the subject's title, the number of samples scored, and the total."""


@dataclass(frozen=True)
class Measurement:
    """How subjects are scored."""

    metrics: Mapping[str, Metric]
    store: FeatureStore
    resize: bool
    weights: Mapping[str, Path]
    control: bool
    thumbnails: bool
    on_progress: Progress | None
    parts: Path | None
    """The folder of parts; None scores all samples here."""
    shard: Shard | None
    """Which parts to write; None merges all."""

    def results(self, subject: Subject) -> list[EvaluationResult]:
        """The result of a subject, that of its control, and its printed numbers."""
        scorers = self._scorers()
        gallery = Gallery() if self.thumbnails else None
        left_out: dict[str, str] = {}
        blocks = range(-(-len(subject) // BLOCK))
        parts = self._parts_of(subject)
        if parts is not None and self.shard is not None:
            self._write_parts(subject, parts, [b for b in blocks if b % self.shard.count == self.shard.index])
            return []
        if parts is not None:
            parts.require(blocks)
        for block in blocks:
            if parts is not None:
                left_out |= parts.read(block, scorers)
            else:
                left_out |= self._score(subject, block, scorers, gallery)
        scorer, *controls = scorers
        result = EvaluationResult(
            subject.name,
            subject.direction,
            subject.data,
            scorer.scores(),
            left_out,
            subject.provenance,
            subject.conditions,
            gallery=gallery,
        )
        results = [result]
        for control in controls:
            name = f"{subject.name}, blurred"
            results.append(
                EvaluationResult(
                    name,
                    subject.direction,
                    subject.data,
                    control.scores(),
                    conditions=subject.conditions,
                    kind="control",
                )
            )
        return results + printed_results(subject, self.metrics)

    def _score(
        self, subject: Subject, block: int, scorers: Sequence[Scorer], gallery: Gallery | None = None
    ) -> dict[str, str]:
        """Add the samples of a block to the scorers; returns the files that were left out."""
        left_out: dict[str, str] = {}
        scored = block * BLOCK
        for sample in subject.samples(scored, scored + BLOCK):
            if isinstance(sample, Skipped):
                left_out[sample.name] = sample.reason
                continue
            try:
                scorers[0].add(sample)
                for control in scorers[1:]:
                    control.add(_blurred(sample))
            except ImageError as problem:
                left_out[sample.name] = f"{problem.message}; {problem.hint}"
            if gallery is not None:
                gallery.add(sample)
            scored += 1
            if self.on_progress is not None:
                self.on_progress(f"{subject.name} {subject.direction}".rstrip(), scored, len(subject))
        for scorer in scorers:
            scorer.flush()
        return left_out

    def _write_parts(self, subject: Subject, parts: SubjectParts, blocks: Sequence[int]) -> None:
        """Score the blocks that are not in the folder."""
        for block in parts.missing(blocks):
            scorers = self._scorers()
            left_out = self._score(subject, block, scorers)
            parts.write(block, scorers, left_out)

    def _parts_of(self, subject: Subject) -> SubjectParts | None:
        if self.parts is None:
            return None
        settings = {
            "subject": [subject.name, subject.direction, subject.data, len(subject)],
            "given": [subject.provenance, subject.conditions],
            "metrics": {name: metric.variant for name, metric in self.metrics.items()},
            "scoring": [self.resize, self.control, self.weights],
        }
        return SubjectParts(self.parts, f"{subject.name} {subject.direction}".rstrip(), settings)

    def _scorers(self) -> list[Scorer]:
        """A scorer, and that of the control."""
        count = 2 if self.control else 1
        return [
            Scorer(self.metrics, self.store, resize=self.resize, weights=self.weights) for _ in range(count)
        ]


def _blurred(sample: Sample) -> Sample:
    if sample.generated is None:
        return sample
    radius = max(1.0, max(sample.generated.size) * _BLUR)
    return replace(sample, generated=sample.generated.filter(ImageFilter.GaussianBlur(radius)))
