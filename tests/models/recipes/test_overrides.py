"""`--set key=value`: stages, lengths, values, parts and directions."""

from pathlib import Path

from s2f_cli.models import recipes
from s2f_cli.training import validate


def test_setting_one_length_removes_the_other(tiny_recipe: Path) -> None:
    for override, length in (("epochs=3", (None, 3)), ("stages.train.steps=0", (0, None))):
        (stage,) = recipes.read(str(tiny_recipe), [override]).stages
        assert (stage.steps, stage.epochs) == length


def test_a_stage_key_is_set_in_all_stages_or_in_one(staged_recipe: Path) -> None:
    recipe = recipes.read(
        str(staged_recipe), ["steps=5", "stages.second.batch_size=3", "stages.second.weights.face=7"]
    )
    validate.check(recipe)
    assert [(s.name, s.steps, s.batch_size, s.weights["face"]) for s in recipe.stages] == [
        ("first", 5, 2, 1.0),
        ("second", 5, 3, 7.0),
    ]


def test_values_are_toml_or_strings(tiny_recipe: Path) -> None:
    overrides = [
        "title=My own",
        'source="quoted"',
        "weights.cycle=5",
        "players.critics.amsgrad=true",
        "data.augment=[]",
    ]
    recipe = recipes.read(str(tiny_recipe), overrides)
    (stage,) = recipe.stages
    assert (recipe.title, recipe.source, stage.weights["cycle"]) == ("My own", "quoted", 5)
    assert stage.players["critics"].amsgrad is True and stage.data.augment == ()


def test_replacing_a_part_drops_options_it_does_not_take(tiny_recipe: Path) -> None:
    recipe = recipes.read(
        str(tiny_recipe), ["objective.adversarial.part=l1", "networks.to_face.part=conv_autoencoder"]
    )
    assert recipe.networks["to_face"].model_extra == {"in_channels": 1}
    assert recipe.stages[0].objective.model_extra["adversarial"] == {"part": "l1"}


def test_an_empty_chain_removes_a_direction() -> None:
    recipe = recipes.read("conv-ae", ["directions.face=[]", "weights={sketch = 1.0}"])
    validate.check(recipe)
    assert set(recipe.directions) == {"sketch"}
