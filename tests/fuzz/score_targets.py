"""Baselines and gates of scores."""

import json
from pathlib import Path

from mutations import damaged_json
from target import Target, damaged_text

from s2f_cli.evaluation.results import EvaluationResult
from s2f_cli.evaluation.results_json import as_json
from s2f_cli.evaluation.scoring import Score, Scores, find_metrics
from s2f_cli.evaluation.thresholds import QualityGate, read_baseline, regressions

_METRICS = find_metrics(["ssim", "mse"])


def _result() -> EvaluationResult:
    scores = {"ssim": Score(0.5, 3, 0.4, 0.6), "mse": Score(0.1, 3)}
    variants = {"ssim": "v", "mse": "w"}
    return EvaluationResult("m", "face → sketch", "data", Scores(scores, variants=variants))


def _baseline() -> list[tuple[str, bytes]]:
    result = _result()
    document = as_json([result], _METRICS)
    for metric, variant in result.scores.variants.items():
        document["metrics"][metric]["variant"] = variant
    return [("baseline.json", json.dumps(document).encode())]


def _read_baseline(file: Path) -> None:
    regressions(_result(), _METRICS, read_baseline(file), 0.01)


_GATE = b"""[tool.s2f.evaluate]
metric = ["ssim", "mse"]
fail-under = {ssim = 0.5}
fail-over = {mse = 1}
baseline = "b.json"
tolerance = 0.02
"""


def _read_gate(file: Path) -> None:
    (file.parent / "b.json").write_bytes(_baseline()[0][1])
    gate = QualityGate.read(file.parent)
    find_metrics(gate.metrics)
    gate.failures([_result()], _METRICS)


TARGETS = {
    "baseline": lambda: Target("baseline", _baseline(), damaged_json, _read_baseline),
    "gate": lambda: Target("gate", [("pyproject.toml", _GATE)], damaged_text, _read_gate),
}
