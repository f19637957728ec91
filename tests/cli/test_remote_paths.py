"""Commands whose paths are URLs of an object store, which is fsspec's in memory."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from s2f_cli.core import remote, remote_copies
from s2f_cli.data.drawn_faces import draw, looks

fsspec = pytest.importorskip("fsspec")

BUCKET = "memory://bucket"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(remote_copies, "_urls", {})
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()


def put(folder: str) -> str:
    """Copy a local folder to the store; returns its URL."""
    remote.upload(Path(folder), sorted(remote_copies.written(Path(folder))), f"{BUCKET}/{folder}")
    return f"{BUCKET}/{folder}"


def faces(folder: str) -> str:
    Path(folder).mkdir()
    for number in range(2):
        draw(looks(0, number)).save(f"{folder}/{number}.png")
    return put(folder)


def test_evaluate_reads_and_writes_urls(store: Any, s2f, here: Path, make_data, tiny_run: Path) -> None:
    make_data(here / "data", size=16, test=(3, 3))
    remote.upload(tiny_run, ["model.safetensors"], f"{BUCKET}/run")
    command = ["evaluate", "--to", "sketch", "--json", "--device", "cpu"]
    local = json.loads(s2f(*command, tiny_run, "--data", "data").out)
    model, report = f"{BUCKET}/run/model.safetensors", f"{BUCKET}/reports/scores.html"
    found = s2f(*command, model, "--data", put("data"), "--report", report, "--per-image", f"{BUCKET}/a.csv")
    results = json.loads(found.out)["results"]
    assert found.code == 0 and results[0]["scores"] == local["results"][0]["scores"]
    assert results[0]["name"] == model and "/s2f-" not in found.out + found.err
    page, table = store.cat("/bucket/reports/scores.html"), store.cat("/bucket/a.csv")
    assert model.encode() in page and b"/s2f-" not in page and model.encode() in table


def test_parts_of_an_evaluation_may_be_in_a_store(store: Any, s2f, here: Path, make_data) -> None:
    make_data(here / "data", size=16, test=(3, 3))
    data = put("data")
    command = ["evaluate", "--generated", f"{data}/test/face", "--reference", f"{data}/test/sketch", "--json"]
    for index in (0, 1):
        assert s2f(*command, "--parts", f"{BUCKET}/parts", "--shard", f"{index}/2").code == 0
    merged = s2f(*command, "--parts", f"{BUCKET}/parts", "--merge")
    assert merged.code == 0 and merged.out == s2f(*command).out
    assert json.loads(merged.out)["results"][0]["name"] == f"{data}/test/face"


@pytest.mark.parametrize("command", ["align", "sketchify"])
def test_folders_of_images_are_copied_both_ways(store: Any, s2f, here: Path, command: str) -> None:
    photos, out = faces("photos"), f"{BUCKET}/{command}"
    local, first = s2f(command, "photos", "-o", "local"), s2f(command, photos, "-o", out)
    assert first.code == 0 and [Path(line).name for line in first.lines] == [
        Path(line).name for line in local.lines
    ]
    for line in first.lines:
        assert line.startswith(out) and store.cat(line) == Path("local", Path(line).name).read_bytes()
    again = s2f(command, photos, "-o", out)
    assert not again.lines and "skipped: 2" in again.err


def test_a_data_set_is_prepared_from_and_to_a_store(store: Any, s2f, here: Path) -> None:
    photos = faces("photos")
    words = ["--sketcher", "xdog", "--size", "16"]
    done = s2f("prepare", "folders", "--faces", photos, *words, "-o", f"{BUCKET}/set")
    assert done.code == 0 and f"{BUCKET}/set" in done.err
    manifest = store.cat("/bucket/set/manifest.jsonl").decode()
    assert f"--faces {photos}" in manifest and len(manifest.splitlines()) == 3
    again = s2f("prepare", "folders", "--faces", photos, *words, "-o", f"{BUCKET}/set")
    assert again.code == 1 and f"{BUCKET}/set" in again.err


def test_a_gallery_keeps_its_index_in_the_store(store: Any, s2f, here: Path) -> None:
    gallery = faces("people")
    assert s2f("match", "index", gallery).lines == [f"{gallery}/match-index.safetensors"]
    assert "photos: 2, 0 read" in s2f("match", "index", gallery).err
    found = s2f("match", f"{gallery}/0.png", "--gallery", gallery, "--json")
    assert json.loads(found.out)["matches"][0]["file"] == f"{gallery}/0.png"


def test_a_run_names_the_data_set_that_it_was_trained_on(
    store: Any, s2f, here: Path, make_data, tiny_recipe: Path
) -> None:
    make_data(here / "data", train=(3, 3))
    command = ["train", tiny_recipe, "--data", put("data"), "--output", "run", "--device", "cpu"]
    assert s2f(*command, "--steps", "1").code == 0
    assert json.loads(Path("run/run.json").read_text())["data"] == f"{BUCKET}/data"
    assert s2f(*command, "--steps", "2", "--resume").code == 0


def test_a_run_is_not_written_to_a_store(store: Any, s2f, here: Path) -> None:
    result = s2f("train", "cyclegan", "--output", f"{BUCKET}/run")
    assert result.code == 2 and "--output takes no URL" in result.err


def test_what_is_missing_is_named_by_its_url(store: Any, s2f, here: Path) -> None:
    result = s2f("evaluate", "--generated", f"{BUCKET}/a", "--reference", f"{BUCKET}/b")
    assert result.code in (1, 2) and "/s2f-" not in result.err
