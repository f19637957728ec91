"""Fixtures of the training tests: the settings of a run."""

from pathlib import Path

import pytest

from s2f_cli.models import recipes
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
