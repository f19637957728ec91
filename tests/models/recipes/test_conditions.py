import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from s2f_cli.core.errors import RecipeError, S2FError
from s2f_cli.models import recipes
from s2f_cli.models.recipes.conditions import Conditions

STYLE = {"default": "bold", "labels": {"fine": ["1", "2"], "bold": ["3"], "shaded": []}}
CONDITIONS = Conditions.model_validate({"style": STYLE, "wall": {"region": "backdrop", "default": "white"}})


def test_values_become_a_vector_in_the_order_of_the_recipe() -> None:
    assert CONDITIONS.width == 6
    assert CONDITIONS.vector() == [0, 1, 0, 1, 1, 1]
    assert CONDITIONS.vector({"style": "shaded", "wall": "#ff0000"}) == [0, 0, 1, 1, -1, -1]
    assert CONDITIONS.places() == {"style": slice(0, 3), "wall": slice(3, 6)}


def test_values_are_resolved_to_labels_and_hexadecimal_colours() -> None:
    assert CONDITIONS.resolve() == {"style": "bold", "wall": "#ffffff"}
    assert CONDITIONS.resolve({"wall": "RED"}) == {"style": "bold", "wall": "#ff0000"}


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ({"styl": "bold"}, "the model has no condition 'styl'", "did you mean 'style'"),
        ({"style": "bald"}, "there is no style 'bald'", "did you mean 'bold'.*fine, bold, shaded"),
        ({"wall": "blub"}, "wall: 'blub' is not a colour", "#rrggbb"),
    ],
)
def test_unknown_values_are_refused_with_those_there_are(
    values: dict[str, str], message: str, hint: str
) -> None:
    with pytest.raises(S2FError, match=message) as problem:
        CONDITIONS.vector(values)
    assert re.search(hint, problem.value.hint)


def test_a_model_without_conditions_says_so() -> None:
    assert not Conditions() and Conditions().vector() == []
    with pytest.raises(S2FError, match="no condition 'style'") as problem:
        Conditions().resolve({"style": "bold"})
    assert problem.value.hint == "leave out style"


def test_all_stands_for_each_label() -> None:
    values = {"style": "all", "wall": "red"}
    assert [each["style"] for each in CONDITIONS.expand(values)] == ["fine", "bold", "shaded"]
    assert list(CONDITIONS.expand({})) == [{}]


def test_attributes_of_an_entry_mean_labels() -> None:
    assert CONDITIONS.of_attributes({"style": "2", "sex": "male"}) == {"style": "fine"}
    assert CONDITIONS.of_attributes({"style": "9"}) == {}


def test_the_order_survives_json_and_matters() -> None:
    assert Conditions.model_validate_json(CONDITIONS.model_dump_json()) == CONDITIONS
    turned = Conditions.model_validate(dict(reversed(CONDITIONS.model_dump().items())))
    assert turned.root == CONDITIONS.root and turned != CONDITIONS


@pytest.mark.parametrize(
    ("name", "table", "message"),
    [
        ("style", {"default": "old", "labels": {"bold": ["1"]}}, "the default 'old' is not a label"),
        ("style", {"default": "a", "labels": {"a": ["1"], "b": ["1"]}}, "both 'a' and 'b' mean"),
        ("style", {"default": "all", "labels": {"all": []}}, "a label cannot be called 'all'"),
        ("style", {"default": "a", "labels": {}}, "at least 1 item"),
        ("style", {"default": "A", "labels": {"A": []}}, "should match pattern"),
        ("My style", STYLE, "should match pattern"),
        ("skin", {"default": "blub"}, "'blub' is not a colour"),
        ("skin", {}, "Field required"),
        ("shirt", {"default": "red"}, "'skin', 'hair' or 'backdrop'"),
        ("skin", {"default": "fair", "labls": {}}, "unknown key 'labls'"),
    ],
)
def test_a_wrong_table_is_refused(name: str, table: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Conditions.model_validate({name: table})


def test_the_error_of_a_recipe_names_the_key() -> None:
    with pytest.raises(RecipeError, match=r"recipe pix2pix, conditions\.skin\.default: 'blub' is not"):
        recipes.read("pix2pix", ["conditions.skin.default=blub"])


def test_a_colour_has_the_region_of_its_name_and_natural_names() -> None:
    recipe = recipes.read("pix2pix", ["conditions.hair.default=dark brown"])
    assert recipe.conditions.colours["hair"].region == "hair"
    assert recipe.conditions.resolve() == {"hair": "#3d2d24"}
    assert recipe.source_channels("face") == 3 + 3


def test_the_example_in_the_documents_is_valid() -> None:
    page = (Path(__file__).parents[3] / "docs/training.md").read_text(encoding="utf-8")
    example = re.findall(r"```toml\n(\[conditions.*?)```", page, re.DOTALL)[0]
    conditions = Conditions.model_validate(tomllib.loads(example)["conditions"])
    assert conditions.width == 4 + 6
