"""Recipes saved by 0.1.0; whole bundles and runs of it are in tests/end_to_end/test_saved_by_0_1_0.py."""

from typing import Any

import pytest

from s2f_cli.models import recipes
from s2f_cli.models.recipes.upgrade import upgrade

OLD: dict[str, Any] = {
    "name": "old",
    "stages": [
        {
            "data": {"pairing": "paired", "augment": ["eight", {"part": "flip"}]},
            "objective": {"part": "remember", "adversarial": {"part": "original", "label_noise": 0.1}},
            "players": {"critics": {"trains": ["a"], "optimizer": "adam", "average": 0.9}},
        }
    ],
}


def test_parts_and_keys_get_their_current_names() -> None:
    (stage,) = upgrade(OLD)["stages"]
    assert stage["data"]["augment"] == ["dihedral", {"part": "flip"}]
    assert stage["objective"] == {
        "part": "memorize",
        "adversarial": {"part": "nonsaturating", "label_noise": 0.1},
    }
    assert stage["players"]["critics"] == {"trains": ["a"], "ema_decay": 0.9}


@pytest.mark.parametrize(
    "saved",
    [
        "recipe",
        {"stages": 3},
        {"stages": ["train"]},
        {"stages": [{"players": []}]},
        {"stages": [{"data": {"augment": [["flip"]]}}]},
        {"stages": [{"objective": {"part": []}}]},
    ],
)
def test_values_of_wrong_types_are_left_to_the_schema(saved: Any) -> None:
    assert upgrade(saved) == saved


@pytest.mark.parametrize("name", recipes.names())
def test_current_recipes_are_unchanged(name: str) -> None:
    saved = recipes.read(name).model_dump(mode="json")
    assert upgrade(saved) == saved
