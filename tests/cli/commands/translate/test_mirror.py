"""`s2f translate` from and to an object store, which is fsspec's in memory."""

import json
from pathlib import Path

import pytest

from s2f_cli.core import remote

fsspec = pytest.importorskip("fsspec")

PHOTOS, OUT = "memory://bucket/photos", "memory://bucket/out"


@pytest.fixture
def photos(here: Path, drawing):
    (here / "photos/deep").mkdir(parents=True)
    for name in ("anna.png", "deep/bo.png"):
        drawing(len(name), 16, 16).convert("L").save(here / "photos" / name)
    (here / "photos/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    system = fsspec.filesystem("memory")
    remote.upload(here / "photos", ["anna.png", "deep/bo.png", "broken.png"], PHOTOS)
    yield system
    system.store.clear()


def test_results_are_those_of_local_files(translate, photos) -> None:
    translate("--to", "face", "photos", "-o", "local")
    first = translate("--to", "face", PHOTOS, "-o", OUT)
    assert first.code == 1 and f"{PHOTOS}/broken.png" in first.err and "/in-0" not in first.err
    assert first.lines == [f"{OUT}/anna.face.png", f"{OUT}/deep/bo.face.png"]
    for name in ("anna.face.png", "deep/bo.face.png"):
        assert photos.cat(f"/bucket/out/{name}") == Path("local", name).read_bytes()
    again = translate("--to", "face", PHOTOS, "-o", OUT)
    assert not again.lines and "existing results skipped: 2" in again.err


def test_shards_are_merged(translate, photos) -> None:
    command = ["--to", "face", PHOTOS, "-o", OUT, "--json"]
    for index in range(3):
        translate(*command, "--shard", f"{index}/3")
    merged = translate(*command, "--merge")
    assert [json.loads(line)["input"] for line in merged.lines] == [
        f"{PHOTOS}/{name}" for name in ("anna.png", "broken.png", "deep/bo.png")
    ]
    assert merged.code == 1


def test_remote_inputs_need_an_output(translate, photos) -> None:
    assert translate("--to", "face", PHOTOS).code == 2
    assert translate("--to", "face", PHOTOS, "photos", "-o", OUT).code == 2
