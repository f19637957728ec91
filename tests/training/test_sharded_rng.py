"""Draws for the shards of a batch, concatenated, are the draw for the full batch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from s2f_cli.core import registry
from s2f_cli.models import recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.training.batch import Batch
from s2f_cli.training.build import build_objective
from s2f_cli.training.random_state import get_random_state, set_random_state
from s2f_cli.training.sharded_rng import KNOWN, ShardedRNG
from small_recipes import CRITICS, each, small

ROWS, SHARDS = 2, 3

DRAWS: dict[str, Callable[[int], Tensor]] = {
    "rand": lambda n: torch.rand(n, 1, 1, 1),
    "randn": lambda n: torch.randn(n, 4, 1, 1),
    "randn of a generator": lambda n: torch.randn(n, 4, generator=torch.Generator().manual_seed(1)),
    "randint": lambda n: torch.randint(5, (n, 1)),
    "randint from": lambda n: torch.randint(-3, 5, (n, 2)),
    "rand_like": lambda n: torch.rand_like(torch.zeros(n, 3, 4, 4)),
    "randn_like": lambda n: torch.randn_like(torch.zeros(n, 3, 4, 4)),
    "randint_like": lambda n: torch.randint_like(torch.zeros(n, 1, 4, 4), 2),
    "randint_like from": lambda n: torch.randint_like(torch.zeros(n, 1, 4, 4), -3, 5),
    "channels last": lambda n: torch.rand_like(torch.zeros(n, 3, 4, 4).to(memory_format=torch.channels_last)),
    "uniform_": lambda n: torch.empty(n, 1, 1, 1).uniform_(-1, 1),
    "normal_": lambda n: torch.empty(n, 17).normal_(),
    "dropout": lambda n: F.dropout(torch.ones(n, 3, 4, 4)),
    "dropout, channels last": lambda n: F.dropout(
        torch.ones(n, 3, 4, 4).to(memory_format=torch.channels_last)
    ),
}


def draw_shards(draw: Callable[[int], Tensor], rows: int) -> list[Tensor]:
    draws = []
    for shard in range(SHARDS):
        torch.manual_seed(0)
        with ShardedRNG(ROWS, shard, SHARDS):
            draws.append(draw(rows))
    return draws


@pytest.mark.parametrize("name", DRAWS)
def test_shards_make_up_the_full_batch(name: str) -> None:
    torch.manual_seed(0)
    full = DRAWS[name](SHARDS * ROWS)
    assert torch.equal(torch.cat(draw_shards(DRAWS[name], ROWS)), full)
    assert full.unique().numel() > 1


def test_each_of_two_concatenated_batches_is_sliced() -> None:
    torch.manual_seed(0)
    full = torch.rand(2 * SHARDS * ROWS, 1)
    first, second = full.chunk(2)
    for number, shard in enumerate(draw_shards(DRAWS["rand"], 2 * ROWS)):
        rows = slice(number * ROWS, (number + 1) * ROWS)
        assert torch.equal(shard.flatten(1), torch.cat([first[rows], second[rows]]))


@pytest.mark.parametrize("draw", [lambda: torch.rand(()), lambda: torch.randperm(6), lambda: torch.rand(6)])
def test_a_draw_without_a_batch_is_the_same_in_all_shards(draw: Callable[[], Tensor]) -> None:
    first, *others = draw_shards(lambda _: draw(), ROWS)
    assert all(torch.equal(first, other) for other in others)


class RandomOperations(TorchDispatchMode):
    """Records the random operations of torch while it is active."""

    def __init__(self) -> None:
        super().__init__()
        self.recorded: set[Any] = set()

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if torch.Tag.nondeterministic_seeded in operation.tags:
            self.recorded.add(operation)
        return operation(*args, **(kwargs or {}))


ADA = each(CRITICS, "augment.part=ada")
R1 = ["objective.penalty.part=r1", "weights.penalty=1"]
GRADIENT_PENALTY = ["objective.penalty.part=gradient_penalty", "weights.penalty=1"]
RECIPES = {
    **{name: small(name, 1) for name in recipes.names()},
    "pix2pix with ada and r1": small("pix2pix", 1, *ADA, *R1),
    "cyclegan with gradient_penalty": small("cyclegan", 1, *GRADIENT_PENALTY),
}
"""Every objective, and every part that draws random numbers."""


def random_operations(recipe: Recipe, stage: Stage) -> set[Any]:
    """Run a step of a stage without data, as the second of two shards."""
    with torch.device("meta"):
        networks = build_networks(recipe)
        batch = Batch.of(
            {d: torch.empty(ROWS, *recipe.image.shape(d)) for d in stage.data.domains},
            conditions=torch.empty(ROWS, recipe.conditions.width) if recipe.conditions else None,
        )
        with ShardedRNG(ROWS, 1, 2), RandomOperations() as operations:
            for _ in build_objective(stage)(networks, batch):
                pass
    return operations.recorded


def test_every_objective_is_among_the_recipes() -> None:
    objectives = {stage.objective.part for recipe in RECIPES.values() for stage in recipe.stages}
    assert objectives == set(registry.names("objectives"))


@pytest.mark.parametrize("name", RECIPES)
def test_every_random_operation_of_an_objective_is_known(name: str) -> None:
    """An unknown one draws the same numbers in every shard, so the shards differ from the full batch."""
    for stage in RECIPES[name].stages:
        unknown = random_operations(RECIPES[name], stage) - KNOWN
        assert not unknown, f"ShardedRNG does not shard {sorted(map(str, unknown))}"


def test_an_unknown_random_operation_is_recorded() -> None:
    with RandomOperations() as operations:
        torch.multinomial(torch.ones(4), 2)
    assert operations.recorded == {torch.ops.aten.multinomial.default} and not operations.recorded & KNOWN


def test_the_random_state_is_restored() -> None:
    device = torch.device("cpu")
    state = get_random_state(device)
    numbers = torch.rand(3)
    set_random_state(device, state)
    assert torch.equal(torch.rand(3), numbers)
