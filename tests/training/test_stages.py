"""Recipes of several stages: each trains its roles, and a run continues in any of them."""

import copy
from pathlib import Path

import pytest
import torch

from s2f_cli.core.errors import RunError
from states import equal, weights


def test_stages_run_in_order_and_train_only_their_roles(staged_recipe: Path, start) -> None:
    run = start(name=staged_recipe)
    assert run.total == 6
    at = {0: weights(run)}
    stages = []
    for result in run.run():
        at[result.step] = weights(run)
        stages.append(result.stage)
    assert stages == ["first"] * 3 + ["second"] * 3

    def changed(before: int, after: int) -> set[str]:
        trained = [name for name, _ in run.networks.named_parameters()]
        return {n.split(".")[0] for n in trained if not torch.equal(at[before][n], at[after][n])}

    assert changed(0, 3) == {"to_face"}
    assert changed(3, 6) == {"to_sketch"}


@pytest.mark.parametrize("stop", [2, 3, 4])
def test_a_run_with_stages_is_restored_bit_exactly(stop: int, staged_recipe: Path, start) -> None:
    uninterrupted, first, second = (start(name=staged_recipe) for _ in range(3))
    list(uninterrupted.run())
    for result in first.run():
        if result.step == stop:
            break
    second.restore(copy.deepcopy(first.state()))
    list(second.run())
    assert equal(weights(second), weights(uninterrupted))


def test_a_state_of_another_stage_is_refused(staged_recipe: Path, start) -> None:
    run = start(name=staged_recipe)
    list(run.run())
    with pytest.raises(RunError, match="is in the stage 'second', whose length has changed"):
        start(name=staged_recipe, steps=8).restore(run.state())
