from pathlib import Path

import pytest

from s2f_cli.core.errors import S2FError
from s2f_cli.models import colours
from s2f_cli.models.colours import NAMES, REGIONS, Region


@pytest.mark.parametrize(
    ("text", "region", "colour"),
    [
        ("#C0FFee", "skin", "#c0ffee"),
        (" tomato ", "backdrop", "#ff6347"),
        ("rgb(1, 2, 3)", "hair", "#010203"),
        ("Dark-Brown", "hair", NAMES["hair"]["dark brown"]),
        ("blonde", "hair", NAMES["hair"]["blond"]),
        ("grey", "hair", NAMES["hair"]["gray"]),
        ("gray", "backdrop", "#808080"),
        ("brown", "skin", NAMES["skin"]["brown"]),
        ("brown", "backdrop", "#a52a2a"),
    ],
)
def test_a_colour_has_many_forms(text: str, region: Region, colour: str) -> None:
    assert colours.parse(text, region) == colour


@pytest.mark.parametrize("text", ["", "blub", "#12", "#11223344", "fairest"])
def test_other_texts_are_refused_with_the_names_there_are(text: str) -> None:
    with pytest.raises(S2FError, match="is not a colour") as problem:
        colours.parse(text, "skin")
    assert "#rrggbb" in problem.value.hint and "fair, light" in problem.value.hint


def test_natural_names_are_colours_of_their_region() -> None:
    assert tuple(NAMES) == REGIONS
    for region in REGIONS:
        for name, colour in NAMES[region].items():
            assert colours.parse(name, region) == colour == colours.parse(colour, region)


def test_numbers_are_between_minus_one_and_one_and_go_back() -> None:
    assert colours.to_numbers("#ff0033") == [1, -1, pytest.approx(-0.6)]
    assert colours.from_numbers(colours.to_numbers("#1a2b3c")) == "#1a2b3c"
    assert colours.from_numbers([2, -2, 0]) == "#ff0080"


def test_the_documents_list_the_natural_names() -> None:
    page = (Path(__file__).parents[2] / "docs/translate.md").read_text(encoding="utf-8")
    for region, names in NAMES.items():
        assert not names or f"| `--{region}` | {', '.join(names)} |" in page
