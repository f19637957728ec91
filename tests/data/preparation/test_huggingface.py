"""A prepared set is what Hugging Face's `imagefolder` reads."""

from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.images import SUFFIXES
from s2f_cli.data.manifest import Manifest
from s2f_cli.data.preparation import Preparation, PrepareSettings
from s2f_cli.data.sources.demo import Demo

SPLITS = {"train": "train", "val": "validation", "test": "test"}
"""Our splits, and what the names of their folders mean to `datasets` (its table of split keywords)."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    work = Preparation(Demo(6), tmp_path_factory.mktemp("demo") / "data", PrepareSettings(size=32))
    work.plan()
    assert len(list(work.run(workers=1))) == 6
    work.finish()
    return Manifest.read(work.output)


def test_its_layout_is_that_of_imagefolder(prepared: Manifest) -> None:
    files = [p.relative_to(prepared.folder) for p in prepared.folder.rglob("*") if p.is_file()]
    others = [file for file in files if file.suffix not in SUFFIXES]
    assert others == [Path("manifest.jsonl")]
    assert not any(file.name.startswith("metadata.") for file in files)
    for file in set(files) - set(others):
        split, label, _ = file.parts
        assert split in SPLITS and label in ("face", "sketch")


def test_hugging_face_loads_it_unchanged(prepared: Manifest, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    found = datasets.load_dataset(
        "imagefolder", data_dir=str(prepared.folder), cache_dir=str(tmp_path / "cache")
    )
    assert set(found) == {SPLITS[split] for split in prepared.splits()}
    for split in prepared.splits():
        rows = found[SPLITS[split]]
        names = rows.features["label"].names
        assert names == ["face", "sketch"]
        for number, label in enumerate(names):
            ours = [entry.files[label] for entry in prepared.having(split, label)]
            theirs = [row["image"] for row in rows if row["label"] == number]
            assert len(theirs) == len(ours)
            for file, image in zip(sorted(ours), theirs, strict=True):
                with Image.open(prepared.folder / file) as own:
                    assert own.tobytes() == image.tobytes()
