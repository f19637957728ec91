"""Reading recipes from files; every error is one line."""

from pathlib import Path

import pytest

from s2f_cli.core.errors import RecipeError
from s2f_cli.models import recipes
from s2f_cli.models.recipes.schema import Recipe


def refusal(name: object, *overrides: str) -> RecipeError:
    with pytest.raises(RecipeError) as raised:
        recipes.read(str(name), overrides)
    problem = raised.value
    assert "\n" not in problem.message + problem.hint
    return problem


def test_two_lengths_in_a_file_are_refused(tiny_recipe: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("epochs = 3\n" + tiny_recipe.read_text())
    assert "give either epochs or steps" in refusal(file).message


def test_stages_with_equal_names_are_refused(staged_recipe: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(staged_recipe.read_text().replace('"second"', '"first"'))
    assert "the stage 'first' is listed twice" in refusal(file).message


FILES = {
    "empty": (b"", "Field required"),
    "not TOML": (b"size = ", "is not valid TOML"),
    "not text": (b"\xfd\xfe", "is not valid TOML"),
    "no stages": (b"stages = 3", ""),
    "stages of the wrong type": (b"stages = [3]", ""),
}


@pytest.mark.parametrize("overrides", [[], ["stages.train.steps=3"]])
@pytest.mark.parametrize("kind", FILES)
def test_a_broken_file_is_named(kind: str, overrides: list[str], tmp_path: Path) -> None:
    content, message = FILES[kind]
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    problem = refusal(file, *overrides)
    assert str(file) in problem.message and message in problem.message


def test_a_recipe_is_named_after_its_file(tiny_recipe: Path) -> None:
    assert recipes.read(str(tiny_recipe)).name == "tiny"
    assert recipes.read("conv-ae").name == "conv-ae"


def test_a_recipe_survives_json(tiny_recipe: Path) -> None:
    for name in (str(tiny_recipe), *recipes.names()):
        recipe = recipes.read(name)
        assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_with_length_sets_one_length(tiny_recipe: Path) -> None:
    recipe = recipes.read(str(tiny_recipe))
    assert recipe.with_length() is recipe
    assert [(s.steps, s.epochs) for s in recipe.with_length(steps=3).stages] == [(3, None)]
    assert [(s.steps, s.epochs) for s in recipe.with_length(epochs=3).stages] == [(None, 3)]
