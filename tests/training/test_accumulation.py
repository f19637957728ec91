"""A batch in pieces, and one shared by two processes, train as one batch does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from s2f_cli.core import registry
from s2f_cli.training.compute import Precision

sys.path.insert(0, str(Path(__file__).parent))
from train_objectives import OBJECTIVES, small, trained

CLOSE = 1e-5
TRAINED = [name for name in registry.names("objectives") if name != "memorize"]


def test_every_objective_is_here() -> None:
    assert sorted(OBJECTIVES) == TRAINED


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture(scope="module")
def whole(data: Path) -> dict[str, dict[str, Tensor]]:
    """The ends of all games, in one process and one piece."""
    return {objective: trained(small(objective), data) for objective in OBJECTIVES}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, data: Path) -> dict[str, dict[str, Tensor]]:
    """The ends of all games, played by two processes that torchrun starts."""
    out = tmp_path_factory.mktemp("two") / "ends.pt"
    program = Path(__file__).with_name("train_objectives.py")
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [sys.executable, *launch, program, data, out],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return torch.load(out, weights_only=True)


def furthest(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    assert one.keys() == other.keys()
    return max(float((one[name].double() - other[name].double()).abs().max()) for name in one)


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_pieces_equal_the_whole(objective: str, whole: dict[str, dict[str, Tensor]], data: Path) -> None:
    assert furthest(whole[objective], trained(small(objective), data, accumulation_steps=2)) < CLOSE


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_two_processes_equal_one(
    objective: str, whole: dict[str, dict[str, Tensor]], shared: dict[str, dict[str, Tensor]]
) -> None:
    assert furthest(whole[objective], shared[objective]) < CLOSE


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_same_seed_gives_the_same_bits(objective: str, data: Path) -> None:
    one, other = (trained(small(objective), data, exact=False, deterministic=True) for _ in range(2))
    assert same(one, other) and torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_half_precision_starts_where_full_does(objective: str, precision: Precision, data: Path) -> None:
    full, half = (trained(small(objective), data, exact=False, precision=p) for p in ("fp32", precision))
    for name in full:
        if name.startswith("1 critics"):
            torch.testing.assert_close(half[name].float(), full[name], rtol=0.1, atol=0.1)
        assert half[name].isfinite().all()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_restored_game_goes_on_to_the_bit(objective: str, data: Path) -> None:
    whole = trained(small(objective), data, exact=False)
    assert same(whole, trained(small(objective), data, exact=False, stops=(1, 2)))


def test_batch_norm_is_the_exception(data: Path) -> None:
    one, other = (trained(small("gan"), data, accumulation_steps=steps, exact=False) for steps in (1, 2))
    assert furthest(one, other) > CLOSE
