from pathlib import Path
from unittest.mock import Mock

import pytest
import torch

from s2f_cli.cli.commands.train import forecast
from s2f_cli.training import dry_run
from s2f_cli.training.dry_run import Cost
from s2f_cli.training.request import TrainRequest


def test_a_long_training_says_what_is_quicker(
    s2f, here: Path, data: Path, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "FEWEST", 1)
    monkeypatch.setattr(dry_run, "measure", lambda trainer: Cost({"train": 600.0}, {"train": 6}, None))
    result = s2f("train", tiny_recipe, "--data", data, "--device", "cpu")
    assert result.code == 0
    assert "this takes about 1 h on the CPU: 6 steps of 600 s" in result.err
    assert "quicker: a GPU (--device cuda), --steps 1 (10 min), the recipe unet-pairs" in result.err


def test_the_estimate_of_the_time_left_knows_the_cost_of_every_stage(
    here: Path, data: Path, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "FEWEST", 1)
    monkeypatch.setattr(dry_run, "measure", lambda trainer: Cost({"train": 600.0}, {"train": 6}, None))
    request = TrainRequest(str(tiny_recipe), data=data, device="cpu")
    assert forecast.open_with_forecast(request, torch.device("cpu")).step_costs == {"train": 600.0}


@pytest.mark.parametrize(
    ("seconds", "words"), [({"a": 0.512}, "0.51"), ({"a": 2.0, "b": 0.5, "c": 1.0}, "0.5 to 2")]
)
def test_seconds_per_step(seconds: dict[str, float], words: str) -> None:
    assert forecast.seconds_per_step(Cost(seconds, dict.fromkeys(seconds, 1), None)) == words


def test_a_short_training_starts_at_once(
    s2f, here: Path, data: Path, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Mock(wraps=forecast.open_trainer)
    monkeypatch.setattr(forecast, "open_trainer", opened)
    result = s2f("train", tiny_recipe, "--data", data, "--device", "cpu", "--steps", 1)
    assert result.code == 0 and "this takes about" not in result.err
    assert opened.call_count == 1


def test_a_forecast_that_nobody_reads_does_not_end_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(line: str) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(forecast.console, "say", broken)
    forecast._say("measuring a step …")
