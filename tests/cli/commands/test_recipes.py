"""`s2f recipes`; the recipes themselves are tested in tests/models/recipes."""

from pathlib import Path

import pytest

from s2f_cli.models import recipes

NAMES = recipes.names()


def test_every_recipe_is_listed_with_its_source(s2f) -> None:
    result = s2f("recipes")
    assert result.code == 0
    for name in NAMES:
        assert name in result.out
    assert "Report B §3" in result.out


@pytest.mark.parametrize("name", NAMES)
def test_show_prints_the_file_unchanged(name: str, s2f) -> None:
    assert s2f("recipes", "show", name).out == recipes.file_of(name).read_text()


def test_an_unknown_recipe_lists_the_known_ones(s2f) -> None:
    result = s2f("recipes", "show", "cyclegan-unt")
    assert result.code == 1
    assert "there is no recipe 'cyclegan-unt'" in result.err
    assert "did you mean 'cyclegan-unet'?" in result.err and "conv-ae" in result.err


def test_a_copied_recipe_trains_like_the_original(s2f, here: Path, data: Path) -> None:
    """`s2f recipes show NAME > mine.toml`, then `s2f train mine.toml`."""
    Path("mine.toml").write_bytes(s2f("recipes", "show", "conv-ae").stdout)
    small = (
        "--set",
        "image.size=16",
        "--set",
        "batch_size=2",
        "--steps",
        2,
        "--data",
        data,
        "--device",
        "cpu",
    )
    for name, folder in (("mine.toml", "mine"), ("conv-ae", "original")):
        assert s2f("train", name, "-o", folder, *small).code == 0
    assert Path("mine/log.jsonl").read_text() == Path("original/log.jsonl").read_text()
