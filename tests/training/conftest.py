"""Fixtures of the training tests: the settings of a run, and trainings of the tiny recipe."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from s2f_cli.data.manifest import Manifest
from s2f_cli.models import recipes
from s2f_cli.models.recipes.schema import Stage
from s2f_cli.training.batches import Batches
from s2f_cli.training.loop import Training
from s2f_cli.training.run_settings import RunSettings


@pytest.fixture
def settings(tiny_recipe: Path) -> RunSettings:
    return RunSettings(
        recipe=recipes.read(str(tiny_recipe)),
        seed=3,
        precision="fp32",
        data="data",
        data_source="tiny, by hand",
        data_digest="0" * 64,
        data_licence="MIT",
    )


@pytest.fixture
def start(data: Path, tiny_recipe: Path) -> Callable[..., Training]:
    """Starts a training of the tiny recipe, or of another one, with overrides."""

    def make(
        *overrides: str,
        name: object = tiny_recipe,
        steps: int | None = None,
        seed: int = 0,
        batches: type[Batches] = Batches,
        **options: Any,
    ) -> Training:
        recipe = recipes.read(str(name), overrides).with_length(steps)

        def of_stage(stage: Stage) -> Batches:
            return batches.of(recipe, stage, Manifest.read(data), seed=seed)

        return Training(recipe, of_stage, seed=seed, **options)

    return make
