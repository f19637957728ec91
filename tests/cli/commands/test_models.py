"""`s2f models`: list, show, verify, add, remove; and `--model NAME`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S2F_HOME", str(tmp_path / "home"))


def test_a_model_can_be_added_listed_shown_verified_and_removed(
    s2f: Callable, tiny_run: Path, tmp_path: Path
) -> None:
    bundle = tiny_run / "model.safetensors"
    added = s2f("models", "add", bundle, "--name", "tiny")
    assert added.code == 0 and added.out.strip() == str(tmp_path / "home" / "models" / "tiny.safetensors")
    listed = json.loads(s2f("models", "--json").out)
    assert {"model": "tiny", "makes": "face, sketch", "origin": "added"}.items() <= listed[0].items()
    assert "tiny" in s2f("models").out
    card = s2f("models", "show", "tiny")
    assert "SHA-256" in card.out and "trained" in card.out
    assert json.loads(s2f("models", "show", "tiny", "--json").out)["step"] > 0
    assert s2f("models", "verify", "tiny").out == "tiny: OK\n"
    assert s2f("models", "remove", "tiny").code == 0
    assert s2f("models", "show", "tiny").code == 1


@pytest.mark.parametrize("of", ["run", "bundle"])
def test_show_prints_the_card_of_a_run_and_of_a_file(s2f: Callable, tiny_run: Path, of: str) -> None:
    bundle = tiny_run / "model.safetensors"
    shown = s2f("models", "show", tiny_run if of == "run" else bundle, "--json")
    card = json.loads(shown.out)
    assert shown.code == 0 and card["path"] == str(bundle) and card["step"] > 0


def test_show_of_a_folder_without_a_model_names_it(s2f: Callable, tmp_path: Path) -> None:
    refused = s2f("models", "show", tmp_path)
    assert refused.code == 1 and f"{tmp_path} holds no model.safetensors" in refused.err


def test_half_and_about_change_the_added_model(s2f: Callable, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "about.toml").write_text('command = "s2f train tiny"\n[notes]\nlimits = "none known"\n')
    bundle = tiny_run / "model.safetensors"
    assert s2f("models", "add", bundle, "--name", "t", "--half", "--about", tmp_path / "about.toml").code == 0
    card = json.loads(s2f("models", "show", "t", "--json").out)
    assert card["notes"] == {"limits": "none known"} and card["command"] == "s2f train tiny"
    (tmp_path / "about.toml").write_text("no toml")
    refused = s2f("models", "add", bundle, "--about", tmp_path / "about.toml")
    assert refused.code == 1 and "about.toml is not valid TOML" in refused.err


def test_verify_names_a_changed_model_and_exits_1(s2f: Callable, tiny_run: Path, tmp_path: Path) -> None:
    s2f("models", "add", tiny_run / "model.safetensors", "--name", "tiny")
    (tmp_path / "home" / "models" / "tiny.safetensors").write_bytes(b"something else")
    verified = s2f("models", "verify")
    assert verified.code == 1 and "tiny" in verified.err and "SHA-256" in verified.err


def test_listing_names_a_damaged_model_and_exits_1(s2f: Callable, tiny_run: Path, tmp_path: Path) -> None:
    s2f("models", "add", tiny_run / "model.safetensors", "--name", "tiny")
    (tmp_path / "home" / "models" / "tiny.safetensors").write_bytes(b"something else")
    listed = s2f("models")
    assert listed.code == 1 and "tiny.safetensors" in listed.err
