"""What is drawn for parts of a batch, put together, is what is drawn for the whole."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.random_state import get_random_state, set_random_state
from s2f_cli.training.sharded_rng import ShardedRNG

ROWS, PARTS = 2, 3

DRAWS: dict[str, Callable[[int], Tensor]] = {
    "rand": lambda n: torch.rand(n, 1, 1, 1),
    "randn": lambda n: torch.randn(n, 4, 1, 1),
    "randn of a generator": lambda n: torch.randn(n, 4, generator=torch.Generator().manual_seed(1)),
    "randint": lambda n: torch.randint(5, (n, 1)),
    "randint from": lambda n: torch.randint(-3, 5, (n, 2)),
    "rand_like": lambda n: torch.rand_like(torch.zeros(n, 3, 4, 4)),
    "randn_like": lambda n: torch.randn_like(torch.zeros(n, 3, 4, 4)),
    "channels last": lambda n: torch.rand_like(torch.zeros(n, 3, 4, 4).to(memory_format=torch.channels_last)),
    "uniform_": lambda n: torch.empty(n, 1, 1, 1).uniform_(-1, 1),
    "normal_": lambda n: torch.empty(n, 17).normal_(),
    "dropout": lambda n: F.dropout(torch.ones(n, 3, 4, 4)),
    "dropout, channels last": lambda n: F.dropout(
        torch.ones(n, 3, 4, 4).to(memory_format=torch.channels_last)
    ),
}


def parted(draw: Callable[[int], Tensor], rows: int) -> list[Tensor]:
    parts = []
    for part in range(PARTS):
        torch.manual_seed(0)
        with ShardedRNG(ROWS, part, PARTS):
            parts.append(draw(rows))
    return parts


@pytest.mark.parametrize("name", DRAWS)
def test_parts_make_the_whole(name: str) -> None:
    torch.manual_seed(0)
    whole = DRAWS[name](PARTS * ROWS)
    assert torch.equal(torch.cat(parted(DRAWS[name], ROWS)), whole)
    assert whole.unique().numel() > 1


def test_two_batches_one_after_the_other_are_cut_each() -> None:
    torch.manual_seed(0)
    whole = torch.rand(2 * PARTS * ROWS, 1)
    first, second = whole.chunk(2)
    for number, part in enumerate(parted(DRAWS["rand"], 2 * ROWS)):
        rows = slice(number * ROWS, (number + 1) * ROWS)
        assert torch.equal(part.flatten(1), torch.cat([first[rows], second[rows]]))


@pytest.mark.parametrize("draw", [lambda: torch.rand(()), lambda: torch.randperm(6), lambda: torch.rand(6)])
def test_what_has_no_batch_is_the_same_in_all_parts(draw: Callable[[], Tensor]) -> None:
    one, *others = parted(lambda _: draw(), ROWS)
    assert all(torch.equal(one, other) for other in others)


def test_the_random_state_comes_back() -> None:
    device = torch.device("cpu")
    state = get_random_state(device)
    drawn = torch.rand(3)
    set_random_state(device, state)
    assert torch.equal(torch.rand(3), drawn)
