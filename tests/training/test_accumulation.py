"""Accumulation steps and several processes give the same training as one batch in one process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from s2f_cli.core import registry
from s2f_cli.faces import colours
from s2f_cli.training.compute import Precision
from states import equal
from train_objectives import CRITICS, GENERATORS, OBJECTIVES, each, small, trained

HELPERS = Path(__file__).parents[1] / "helpers"
CLOSE = 1e-5
TRAINED = [name for name in registry.names("objectives") if name != "memorize"]


def test_every_objective_with_players_is_tested() -> None:
    assert sorted(OBJECTIVES) == TRAINED


@pytest.fixture(autouse=True)
def not_deterministic_afterwards() -> Iterator[None]:
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture(scope="module")
def alone(data: Path) -> dict[str, dict[str, Tensor]]:
    """The results of all objectives, in one process and without accumulation."""
    return {objective: trained(small(objective), data) for objective in OBJECTIVES}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, data: Path) -> dict[str, dict[str, Tensor]]:
    """The results of all objectives, in two processes that torchrun's agent starts."""
    out = tmp_path_factory.mktemp("two") / "results.pt"
    launch, program = (HELPERS / f"{name}.py" for name in ("forked_torchrun", "train_objectives"))
    process = subprocess.run(
        [sys.executable, launch, program, data, out],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.returncode == 0, process.stderr
    return torch.load(out, weights_only=True)


def largest_difference(first: dict[str, Tensor], second: dict[str, Tensor]) -> float:
    assert first.keys() == second.keys()
    return max(float((first[name].double() - second[name].double()).abs().max()) for name in first)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_accumulation_equals_the_full_batch(
    objective: str, alone: dict[str, dict[str, Tensor]], data: Path
) -> None:
    accumulated = trained(small(objective), data, accumulation_steps=2)
    assert largest_difference(alone[objective], accumulated) < CLOSE


def test_accumulation_draws_the_signs_of_r1_for_the_full_batch(data: Path) -> None:
    recipe = small("paired_gan", "objective.penalty.part=r1", "weights.penalty=1")
    full, accumulated = (trained(recipe, data, accumulation_steps=steps) for steps in (1, 2))
    assert largest_difference(full, accumulated) < CLOSE


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_two_processes_equal_one(
    objective: str, alone: dict[str, dict[str, Tensor]], shared: dict[str, dict[str, Tensor]]
) -> None:
    assert largest_difference(alone[objective], shared[objective]) < CLOSE


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_same_seed_gives_the_same_bits(objective: str, data: Path) -> None:
    first, second = (trained(small(objective), data, exact=False, deterministic=True) for _ in range(2))
    assert equal(first, second) and torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_half_precision_starts_near_full_precision(objective: str, precision: Precision, data: Path) -> None:
    full, half = (trained(small(objective), data, exact=False, precision=p) for p in ("fp32", precision))
    for name in full:
        if name.startswith("1 critics"):
            torch.testing.assert_close(half[name].float(), full[name], rtol=0.1, atol=0.1)
        assert half[name].isfinite().all()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_restored_training_continues_bit_exactly(objective: str, data: Path) -> None:
    uninterrupted = trained(small(objective), data, exact=False)
    assert equal(uninterrupted, trained(small(objective), data, exact=False, stops=(1, 2)))


def test_batch_norm_depends_on_accumulation(data: Path) -> None:
    full, accumulated = (
        trained(small("gan"), data, accumulation_steps=steps, exact=False) for steps in (1, 2)
    )
    assert largest_difference(full, accumulated) > CLOSE


def test_conditions_stay_with_their_rows(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colours, "find_eyes", lambda photo: ((6.0, 8.0), (10.0, 8.0)))
    planes = [*each(GENERATORS, "in_channels=6"), *each(CRITICS, "in_channels=9")]
    recipe = small("paired_gan", "conditions.skin.default=tan", *planes)
    full, accumulated = (trained(recipe, data, accumulation_steps=steps) for steps in (1, 2))
    assert largest_difference(full, accumulated) < CLOSE
    assert equal(*(trained(recipe, data, exact=False, stops=stops) for stops in ((), (1, 2))))
