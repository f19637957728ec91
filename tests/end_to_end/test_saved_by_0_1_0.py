"""Bundles and run folders that version 0.1.0 wrote still load and resume.

`tests/fixtures/version-0.1.0` was written by that version (commit 56154ee). Its recipe holds every name that
has changed since: the parts `eight` and `original`, the keys `optimizer` and `average`. `old.toml` is the
same recipe with today's names. `run/` stopped after 4 of 8 steps on `data/`. `finished.safetensors` and
`finished.jsonl` are the model and the log of version 0.1.0 after all 8 steps.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from s2f_cli.inference.translator import Translator
from s2f_cli.models import bundle

SAVED = Path(__file__).parents[1] / "fixtures" / "version-0.1.0"
BEFORE_A_NORM = (".0.bias", ".3.bias")
"""The biases that a batch norm cancels: their gradients are rounding, which differs between processors."""


def test_a_bundle_loads_and_translates(drawing: Callable) -> None:
    card = bundle.read_card(SAVED / "finished.safetensors")
    (stage,) = card.recipe.stages
    assert stage.data.augment[0].part == "dihedral"
    assert stage.objective.model_extra == {"adversarial": {"part": "nonsaturating"}}
    assert stage.ema_decay == {"to_face": 0.9, "to_sketch": 0.9}
    (sketch,) = Translator.open(SAVED / "finished.safetensors", "cpu").translate([drawing(1)], "sketch")
    assert (sketch.size, sketch.mode) == ((16, 16), "L")


def test_a_run_resumes_to_the_model_that_0_1_0_trained(
    s2f: Callable, tmp_path: Path, drawing: Callable
) -> None:
    shutil.copytree(SAVED, tmp_path / "saved")
    run = tmp_path / "saved" / "run"
    result = s2f(
        "train",
        SAVED / "old.toml",
        "--data",
        tmp_path / "saved" / "data",
        "--output",
        run,
        "--resume",
        "--device",
        "cpu",
    )
    assert result.code == 0, result.err
    assert "at step 4 of 8" in result.err
    losses, expected = (
        [json.loads(line) for line in file.read_text().splitlines()]
        for file in (run / "log.jsonl", SAVED / "finished.jsonl")
    )
    assert [line.keys() for line in losses] == [line.keys() for line in expected]
    for name, value in expected[-1].items():
        assert losses[-1][name] == (value if isinstance(value, str) else pytest.approx(value, rel=1e-4))
    weights, expected_weights = (
        bundle.load_weights(run / "model.safetensors"),
        bundle.load_weights(SAVED / "finished.safetensors"),
    )
    assert weights.keys() == expected_weights.keys()
    for name, tensor in weights.items():
        if not name.endswith(("running_mean", *BEFORE_A_NORM)):
            torch.testing.assert_close(tensor, expected_weights[name], rtol=1e-3, atol=1e-5)
    results = [
        np.asarray(Translator.open(file, "cpu").translate([drawing(1)], "sketch")[0], int)
        for file in (run / "model.safetensors", SAVED / "finished.safetensors")
    ]
    assert abs(results[0] - results[1]).max() <= 2
