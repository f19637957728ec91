"""What a request asks to train, before anything is written."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from s2f_cli.core import distributed
from s2f_cli.core.errors import RunError
from s2f_cli.data.manifest import Manifest
from s2f_cli.models import recipes
from s2f_cli.training.assemble import assemble, budget_of
from s2f_cli.training.budget import Budget
from s2f_cli.training.request import TrainRequest


@pytest.fixture
def request_(here: Path, data: Path, tiny_recipe: Path) -> TrainRequest:
    return TrainRequest(str(tiny_recipe), data, device="cpu", seed=3)


def test_a_new_run_has_the_next_free_folder_and_the_length_of_the_budget(request_: TrainRequest) -> None:
    Path("runs/tiny-001").mkdir(parents=True)
    recipe = recipes.read(request_.recipe)
    request_ = replace(request_, budget="4steps")
    run, training = assemble(request_, recipe, Manifest.read(request_.data), torch.device("cpu"))
    assert (run.folder.parent, run.settings.seed, training.step) == (Path("runs"), 3, 0)
    assert run.settings.recipe.stages[0].steps == training.total == 4
    assert not run.folder.exists()


def test_processes_share_a_budget_of_steps_but_not_of_time(
    request_: TrainRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "world_size", lambda: 2)
    assert budget_of(replace(request_, budget="4steps")) == Budget(4, "steps")
    assert budget_of(request_) is None
    with pytest.raises(RunError, match="several processes cannot share"):
        budget_of(replace(request_, budget="4s"))
