"""`docs/model-cards.md` says what the cards of the shipped models say."""

import re
from pathlib import Path

import pytest

from s2f_cli.models import zoo
from s2f_cli.models.card import read_card

PAGE = (Path(__file__).parents[2] / "docs/model-cards.md").read_text(encoding="utf-8")
SHIPPED = ["face-to-sketch", "sketch-to-face"]


def section(name: str) -> str:
    """The part of the page about one model."""
    found = re.search(rf"^## {name}\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("name", SHIPPED)
def test_hash_and_training(name: str) -> None:
    model = zoo.find(name)
    card = read_card(model.path)
    assert zoo.sha256(model.path) in section(name)
    assert f"{card.step} steps, seed {card.seed}" in section(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_scores(name: str) -> None:
    rows = re.findall(rf"^\| {name} \| .*$", PAGE, re.MULTILINE)
    printed = [{float(number) for number in re.findall(r"\b0\.\d+", row)} for row in rows]
    scores = read_card(zoo.find(name).path).scores
    assert scores
    assert any({round(value, 5) for value in scores.values()} <= row for row in printed)
