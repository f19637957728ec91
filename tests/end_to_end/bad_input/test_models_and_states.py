"""Unusable model files, training states and run folders."""

import io
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import safetensors.torch
import torch

from s2f_cli.models import bundle

MODEL = "model.safetensors"


class Harmful:
    """Creates the folder `harm` if it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("harm",)


def foreign(_: bytes) -> bytes:
    return safetensors.torch.save({"weight": torch.zeros(3)}, {"format": "pt"})


def with_card(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """Replace the weights of a model with others, and change its card."""

    def make(model: bytes) -> bytes:
        Path("whole.safetensors").write_bytes(model)
        card = bundle.read_card(Path("whole.safetensors")).model_dump_json()
        return safetensors.torch.save({"to_face.weight": torch.zeros(3)}, {"s2f": change(card)})

    return make


@dataclass(frozen=True)
class Bad:
    """An unusable model file: its content, derived from a model's bytes (None: no file), message and fix."""

    content: Callable[[bytes], bytes | None]
    message: str
    fix: str
    name: str = MODEL


DAMAGED = "is not a safetensors file, or is damaged"

MODELS = {
    "missing weights": Bad(lambda model: None, "there is no model file", "check the path"),
    "empty": Bad(lambda model: b"", DAMAGED, "copy it again"),
    "truncated": Bad(lambda model: model[:-1000], DAMAGED, "copy it again"),
    "corrupted": Bad(lambda model: model.replace(b'"dtype"', b'"dtyqe"', 1), DAMAGED, "copy it again"),
    "an image": Bad(lambda model: b"\x89PNG\r\n\x1a\n" + bytes(99), DAMAGED, "copy it again"),
    "foreign": Bad(foreign, "a safetensors file of another program", "s2f train"),
    "of another recipe": Bad(with_card(lambda card: card), "do not fit its card", "train it again"),
    "of a newer format": Bad(
        with_card(lambda card: card.replace('"format":1', '"format":2')), "has format 2, not 1", "version"
    ),
    "a broken card": Bad(with_card(lambda card: card[:100]), "the card in", "version"),
    "an unknown part": Bad(
        with_card(lambda card: card.replace('"part":"unet"', '"part":"tunet"')), "'tunet'", "version"
    ),
    "a chain of unknown roles": Bad(
        with_card(lambda card: card.replace('["to_face"]', '["to_moon"]')), "'to_moon'", "version"
    ),
    "a pickle": Bad(lambda model: pickle.dumps(Harmful()), "is a pickled checkpoint", "safetensors", "a.pt"),
    "a pickle in disguise": Bad(lambda model: pickle.dumps(Harmful()), DAMAGED, "copy it again"),
}


@pytest.mark.parametrize("kind", MODELS)
def test_an_unusable_model_is_an_error_with_a_fix(kind: str, s2f, folder: Path, tiny_run: Path) -> None:
    bad = MODELS[kind]
    content = bad.content((tiny_run / MODEL).read_bytes())
    if content is not None:
        Path(bad.name).write_bytes(content)
    result = s2f("translate", "--to", "face", "in", "-o", "out", "--model", bad.name, "--device", "cpu")
    assert result.code == 1 and not result.out
    error, hint = result.err.splitlines()[-2:]
    assert error.startswith("error: ") and bad.name in error and bad.message in error
    assert hint.startswith("hint: ") and bad.fix in hint
    assert not Path("harm").exists() and not Path("out").exists()


def test_a_damaged_newest_model_is_skipped_for_an_older_one(s2f, folder: Path, tiny_run: Path) -> None:
    shutil.copytree(tiny_run, "runs/0002-tiny")
    Path("runs/0002-tiny", MODEL).write_bytes(b"")
    result = s2f("translate", "--to", "face", "in", "--device", "cpu")
    assert result.code == 0
    assert "using the model runs/0001-tiny/model.safetensors" in result.err


def state_of(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


STATES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda state: state[:-1000],
    "empty": lambda state: b"",
    "text": lambda state: b"not a state",
    "a pickle": lambda state: pickle.dumps(Harmful()),
    "another program's": lambda state: state_of({"epoch": 3}),
    "a tensor": lambda state: state_of(torch.zeros(3)),
    "of another recipe": lambda state: state_of({"step": 1, "stage": 0, "networks": {}, "optimizers": {}}),
}


@pytest.mark.parametrize("kind", STATES)
def test_an_unusable_state_is_an_error_and_changes_no_file(
    kind: str, s2f, here: Path, data: Path, tiny_recipe: Path, tiny_run: Path
) -> None:
    shutil.copytree(tiny_run, "run")
    state = Path("run/state.pt")
    state.write_bytes(STATES[kind](state.read_bytes()))
    before = {file: file.read_bytes() for file in Path("run").rglob("*") if file.is_file()}
    result = s2f("train", tiny_recipe, "--data", data, "-o", "run", "--resume", "--device", "cpu")
    assert result.code == 1
    error, hint = result.err.splitlines()
    assert error.startswith("error: ") and "state" in error
    assert hint.startswith("hint: ")
    assert not Path("harm").exists()
    assert before == {file: file.read_bytes() for file in Path("run").rglob("*") if file.is_file()}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"seed": 1}', b"[]"])
def test_a_run_with_broken_settings_cannot_be_resumed(
    content: bytes, s2f, here: Path, data: Path, tiny_recipe: Path, tiny_run: Path
) -> None:
    shutil.copytree(tiny_run, "run")
    Path("run/run.json").write_bytes(content)
    result = s2f("train", tiny_recipe, "--data", data, "-o", "run", "--resume", "--device", "cpu")
    assert result.code == 1
    assert result.err.splitlines()[0].startswith("error: run/run.json is broken")
