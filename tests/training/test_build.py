"""The objective of a stage, from its recipe."""

from pathlib import Path

from s2f_cli.models import recipes
from s2f_cli.training.build import build_objective


def test_the_objective_gets_the_losses_of_the_recipe(tiny_recipe: Path) -> None:
    (stage,) = recipes.read(str(tiny_recipe), ["objective.adversarial.label_noise=0.25"]).stages
    options = build_objective(stage).keywords
    assert options["adversarial"].label_noise == 0.25
