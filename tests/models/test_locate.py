"""Models located by name, by path, or as the newest with the wanted direction."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from s2f_cli.core.errors import BundleError, RunError
from s2f_cli.models import bundle, locate, recipes, zoo
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card


@pytest.fixture
def save_run(tiny_recipe: Path):
    """Saves an untrained model in a run folder, as if some seconds ago."""

    def save(folder: Path, directions: Sequence[str], seconds_ago: int, total_steps: int = 1) -> Path:
        recipe = recipes.read(str(tiny_recipe))
        recipe = recipe.model_copy(update={"directions": {to: (f"to_{to}",) for to in directions}})
        file = folder / locate.BUNDLE
        card = Card(recipe=recipe, step=1, total_steps=total_steps, seed=0, data="", data_digest="")
        bundle.save(file, build_networks(recipe), card)
        os.utime(file, (10**9 - seconds_ago, 10**9 - seconds_ago))
        return folder

    return save


def test_the_newest_model_with_the_direction_is_chosen(tmp_path: Path, save_run) -> None:
    old = save_run(tmp_path / "1-both", ("face", "sketch"), seconds_ago=20)
    new = save_run(tmp_path / "2-one", ("sketch",), seconds_ago=10)
    broken = tmp_path / "3-broken"
    broken.mkdir()
    (broken / locate.BUNDLE).write_bytes(b"")
    assert locate.newest(tmp_path) == new
    assert locate.newest(tmp_path, "sketch") == new
    assert locate.newest(tmp_path, "face") == old
    os.utime(old / locate.BUNDLE, (10**9, 10**9))
    assert locate.newest(tmp_path, "sketch") == old


def test_runs_that_are_not_finished_are_named_but_not_used(here: Path, save_run) -> None:
    save_run(Path("runs/0002-new"), ("face", "sketch"), seconds_ago=1, total_steps=400)
    chosen = locate.choose_default("face")
    assert (chosen.file, chosen.reason) == (zoo.default("face").path, "it is shipped with s2f")
    assert chosen.unfinished == ("runs/0002-new is not finished (1 of 400 steps)",)
    old = save_run(Path("runs/0001-old"), ("face",), seconds_ago=9)
    assert locate.choose_default("face").file == old / locate.BUNDLE
    with pytest.raises(
        RunError, match=r"no finished run .*: runs/0002-new is not finished \(1 of 400 steps\)"
    ):
        locate.newest(to="sketch")
    assert locate.locate("0002-new") == Path("runs/0002-new") / locate.BUNDLE


def test_no_model_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no finished run in .* that can translate to face") as raised:
        locate.newest(tmp_path / "runs", "face")
    assert "s2f train" in raised.value.hint
    with pytest.raises(RunError, match="that can make a face from noise"):
        locate.newest(tmp_path / "runs", "face", "samples")


def test_a_file_and_its_run_folder_are_the_same_model(tmp_path: Path, tiny_run: Path) -> None:
    assert locate.locate(tiny_run) == tiny_run / locate.BUNDLE == locate.locate(tiny_run / locate.BUNDLE)
    with pytest.raises(RunError, match=r"holds no model\.safetensors"):
        locate.locate(tmp_path)


def test_a_name_gives_the_file_of_a_model(here: Path) -> None:
    shipped = zoo.find("face-to-sketch").path
    assert locate.locate("face-to-sketch") == shipped
    assert locate.by_name(Path("no/such.onnx")) == Path("no/such.onnx")
    with pytest.raises(BundleError, match="there is no model 'face-to-skethc'"):
        locate.locate("face-to-skethc")
    (here / "face-to-sketch").mkdir()
    with pytest.raises(RunError, match=r"face-to-sketch holds no model\.safetensors"):
        locate.locate("face-to-sketch")


def test_defaults_prefer_runs_to_shipped_models(here: Path, save_run) -> None:
    shipped = {to: zoo.default(to).path for to in ("face", "sketch")}
    assert {to: default.file for to, default in locate.defaults().items()} == shipped
    run = save_run(Path("runs/0001-tiny"), ("sketch",), seconds_ago=0)
    assert locate.defaults("sketch")["sketch"].file == run / locate.BUNDLE
    assert locate.default("face") == zoo.default("face").path


def test_no_suitable_model_is_an_error(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoo, "SHIPPED", here)
    with pytest.raises(RunError, match="no finished run in runs that can translate to face"):
        locate.defaults()
    with pytest.raises(RunError, match="from noise"):
        locate.default("sketch", "samples")


def test_a_mistyped_folder_of_a_run_is_named_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "0001-tiny").mkdir()
    with pytest.raises(BundleError, match="there is no model file") as raised:
        locate.locate(tmp_path / "0001-tine")
    assert raised.value.hint.startswith(f"did you mean '{tmp_path / '0001-tiny'}'?")
