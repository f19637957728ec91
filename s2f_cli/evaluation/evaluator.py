"""Evaluate models and folders of images: the Python form of `s2f evaluate`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s2f_cli.core import registry
from s2f_cli.core.errors import MetricError
from s2f_cli.core.shards import Shard
from s2f_cli.evaluation import ground_truth, protocols, results_json, selection
from s2f_cli.evaluation.features import FeatureStore
from s2f_cli.evaluation.given import LABELS, Given
from s2f_cli.evaluation.ground_truth import Person
from s2f_cli.evaluation.measurement import Measurement, Progress
from s2f_cli.evaluation.metrics._contract import Metric, PairMetric, SetMetric
from s2f_cli.evaluation.results import (
    EvaluationResult,
    arranged,
    cycle_results,
    mean_results,
)
from s2f_cli.evaluation.scoring import find_metrics
from s2f_cli.models import locate
from s2f_cli.models.domains import Domain

DEFAULT_METRICS = ("ssim", "psnr", "mse")


@dataclass(frozen=True)
class Evaluation:
    """The results of one call of `evaluate`, in the order of the table. Iterating over it yields them."""

    results: Sequence[EvaluationResult]
    metrics: Mapping[str, Metric]
    """The metrics by name, in the order of the columns."""
    left_out: Mapping[str, str]
    """Files of the ground truth without a partner → reason."""

    def __iter__(self) -> Iterator[EvaluationResult]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def as_json(self, by: Sequence[str] = ()) -> dict[str, Any]:
        """The document that `s2f evaluate --json` prints, broken down by the attributes `by`."""
        return results_json.as_json(self.results, self.metrics, by)


def evaluate(
    models: str | Path | Sequence[str | Path] = (),
    data: str | Path = "data",
    *,
    metrics: Sequence[str] = (),
    to: Domain | None = None,
    split: str = "test",
    cycle: bool = False,
    protocol: str | None = None,
    allow_mismatch: bool = False,
    reference: str | Path | None = None,
    faces: str | Path | None = None,
    sketches: str | Path | None = None,
    resize: bool = False,
    control: bool = False,
    mean: bool = False,
    fid_weights: str | Path | None = None,
    by: Sequence[str] = (),
    given: Sequence[str] = (LABELS,),
    conditions: Mapping[str, str] | None = None,
    thumbnails: bool = False,
    device: str = "auto",
    parts: str | Path | None = None,
    shard: Shard | None = None,
    on_progress: Progress | None = None,
) -> Evaluation:
    """Score models on a data set, or folders of images against their references.

    Args:
        models: Bundles, run folders, names of `s2f models`, and folders of images. Empty: the newest
            finished run.
        data: A prepared data set, as `s2f prepare` writes it.
        metrics: Names of metrics, see docs/metrics.md. Empty: those of the protocol, else SSIM, PSNR and MSE.
        to: Score only the direction to this domain, "face" or "sketch". Required for folders of images,
            unless there is a `reference`.
        split: The split of the data set.
        cycle: Score cycles: translate there and back, and compare with the input.
        protocol: The name of a protocol; it fixes the data set, size, colour and metrics.
        allow_mismatch: With a protocol, accept another data set. The results say so.
        reference: A folder of true images to compare folders of images with, in place of `data`.
        faces: A folder of faces to use with `sketches` in place of `data`. Pairs are matched by name.
        sketches: A folder of sketches.
        resize: Resize generated images to their references. Otherwise pairs of unequal size are left out.
        control: Add a result with blurred outputs to each result.
        mean: Add mean ± standard deviation over the results of each recipe, for instance of several seeds.
        fid_weights: A file with the weights of the Inception network of `fid`, `fid_clean` and `kid`.
        by: Attributes that the results will be broken down by; they must exist.
        given: The conditions that models are given from the ground truth: their names, "labels" (attributes
            such as a drawing style), "colours" (measured on the true photo), "all" or "none". The others
            have the model's default.
        conditions: Conditions with one value for all images, such as style="bold"; they take precedence.
        thumbnails: Keep thumbnails for an HTML report.
        device: "cpu", "cuda", "cuda:1", "mps"; "auto" takes a GPU if there is one.
        parts: A folder of parts, which several machines write. All must use the same arguments.
        shard: Write the parts of this shard, and return no results. None: compute the results from all parts.
        on_progress: Called after each sample; see `Progress`.

    Returns:
        The results. `result["ssim"]` is a score; `result.scores` has intervals, the scores of single images
        and the metrics that failed.

    Raises:
        MissingPart: A metric is unknown.
        MetricError: No image has an attribute of `by`.
        DataError: The data set is missing, is not the protocol's, or has no images to score with; a part is
            missing.
        BundleError, RunError: A model is missing or lacks the direction.
        S2FError: No model has a condition of that name, or a model has no such value of it.
        ValueError: Arguments exclude each other.
    """
    if (faces is None) != (sketches is None):
        raise ValueError("give both faces and sketches, or neither")
    if thumbnails and parts is not None:
        raise ValueError("parts hold no thumbnails")
    if shard is not None and parts is None:
        raise ValueError("a shard needs a folder of parts")
    if reference is not None and (faces is not None or protocol is not None or cycle):
        raise ValueError("reference excludes faces, sketches, protocol and cycle")
    if faces is not None and protocol is not None:
        raise ValueError("a protocol needs a prepared data set, not faces and sketches")
    rules = protocols.find(protocol) if protocol else None
    chosen = find_metrics(metrics or (rules.metrics if rules else DEFAULT_METRICS))
    paths = [Path(model) for model in ([models] if isinstance(models, str | Path) else models)]
    paired = any(isinstance(metric, PairMetric) or metric.paired for metric in chosen.values())
    left_out: Mapping[str, str] = {}
    if reference is not None:
        _require_attributes(by, (), str(reference))
        subjects = selection.select_folders(paths, Path(reference), paired=paired)
    else:
        if faces is not None and sketches is not None:
            truth = ground_truth.of_folders(Path(faces), Path(sketches))
        else:
            truth = ground_truth.of_data(
                Path(data),
                split,
                rules,
                allow_mismatch=allow_mismatch,
                paired=rules is not None or (paired and not cycle),
            )
        _require_attributes(by, truth.people, truth.name)
        left_out = truth.left_out
        subjects = selection.select(
            [locate.by_name(path) for path in paths],
            truth,
            to=to,
            cycle=cycle,
            paired=paired or rules is not None,
            device=device,
            frame=rules.frame if rules else None,
            given=Given(given, conditions),
        )
    measurement = Measurement(
        metrics=chosen,
        store=FeatureStore(),
        resize=resize,
        weights=_weights(chosen, fid_weights),
        control=control,
        thumbnails=thumbnails,
        on_progress=on_progress,
        parts=None if parts is None else Path(parts),
        shard=shard,
    )
    results = [result for subject in subjects for result in measurement.results(subject)]
    if cycle:
        results += cycle_results(results)
    if mean:
        results += mean_results(results)
    return Evaluation(arranged(results), chosen, left_out)


def _require_attributes(names: Sequence[str], people: Sequence[Person], data: str) -> None:
    known = sorted({attribute for person in people for attribute in person.attributes})
    for name in names:
        if name not in known:
            raise MetricError(
                f"no image of {data} has the attribute {name!r} to break down by",
                registry.did_you_mean(name, known) if known else "its images have none: leave out --by",
            )


def _weights(metrics: Mapping[str, Metric], file: str | Path | None) -> dict[str, Path]:
    if file is None:
        return {}
    return {name: Path(file) for name, m in metrics.items() if isinstance(m, SetMetric) and m.takes_weights}
