"""Hugging Face's `imagefolder` reads a prepared data set."""

from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.formats import SUFFIXES
from s2f_cli.data import preparation
from s2f_cli.data.manifest import Manifest
from s2f_cli.data.preparation import PrepareSettings
from s2f_cli.data.sources.demo import Demo

SPLITS = {"train": "train", "val": "validation", "test": "test"}
"""Our splits, and the splits that `datasets` infers from the names of their folders."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    output = tmp_path_factory.mktemp("demo") / "data"
    summary = preparation.prepare(Demo(6), output, PrepareSettings(size=32), workers=1)
    manifest = Manifest.read(summary.folder)
    assert len(manifest.entries) == 6
    return manifest


def test_the_layout_is_imagefolder(prepared: Manifest) -> None:
    files = [p.relative_to(prepared.folder) for p in prepared.folder.rglob("*") if p.is_file()]
    others = [file for file in files if file.suffix not in SUFFIXES]
    assert others == [Path("manifest.jsonl")]
    assert not any(file.name.startswith("metadata.") for file in files)
    for file in set(files) - set(others):
        split, label, _ = file.parts
        assert split in SPLITS and label in ("face", "sketch")


def test_datasets_loads_it_unchanged(prepared: Manifest, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(prepared.folder), cache_dir=str(tmp_path / "cache")
    )
    assert set(loaded) == {SPLITS[split] for split in prepared.splits()}
    for split in prepared.splits():
        rows = loaded[SPLITS[split]]
        names = rows.features["label"].names
        assert names == ["face", "sketch"]
        for number, label in enumerate(names):
            ours = [entry.files[label] for entry in prepared.having(split, label)]
            theirs = [row["image"] for row in rows if row["label"] == number]
            assert len(theirs) == len(ours)
            for file, image in zip(sorted(ours), theirs, strict=True):
                with Image.open(prepared.folder / file) as own:
                    assert own.tobytes() == image.tobytes()
