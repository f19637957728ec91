"""Prepared data sets, and the tables of sources."""

import json
from contextlib import suppress
from pathlib import Path

from target import Target, damaged_lines, damaged_text

from s2f_cli.core import names
from s2f_cli.core.errors import S2FError
from s2f_cli.data import manifest
from s2f_cli.data.sources import _tables
from s2f_cli.data.sources.celeba import Celeba
from s2f_cli.data.sources.fs2k import Fs2k
from s2f_cli.faces import manual_eyes
from s2f_cli.faces.geometry import preset, transform_of


def _manifest() -> list[tuple[str, bytes]]:
    point = (1.0, 2.0)
    alignment = manifest.Alignment(
        confidence=0.5,
        box=(0, 0, 9, 9),
        matrix=(1, 0, 0, 0, 1, 0),
        width=8,
        height=8,
        **dict.fromkeys(("left_corner", "right_corner", "left_eye", "right_eye"), point),
    )
    entries = [
        manifest.Entry(
            name=n,
            split=split,
            identity=n,
            attributes={"style": "a"},
            files={"face": f"{split}/face/{n}.png", "sketch": f"{split}/sketch/{n}.png"},
            sha256={"face": "0" * 64, "sketch": "1" * 64},
            alignment={"face": alignment},
        )
        for n, split in (("a", "test"), ("b", "train"))
    ]
    header = manifest.Header(source="demo", left_out={"x": "y"}, parts={"a": {"faces": 1}})
    lines = [header.model_dump_json(), *map(manifest.to_line, entries)]
    return [(manifest.FILE, "\n".join(lines).encode())]


def _read_manifest(file: Path) -> None:
    read = manifest.Manifest.read(file.parent)
    read.digest()
    for split in read.splits():
        for entry in read.within(split):
            assert read.path(entry, next(iter(entry.files))).is_relative_to(file.parent)
            names.loose(entry.name)


_EYES = b"file,left_x,left_y,right_x,right_y\na.png,1,2,30.5,4\nb/c.png,-1e3,0,5,6\n"


def _read_eyes(file: Path) -> None:
    index = manual_eyes.PathSuffixIndex(manual_eyes.read_rows(file))
    index.unused()
    for row in manual_eyes.read_rows(file):
        transform_of(manual_eyes.face_of_eyes(*row.eyes), preset("ffhq")).inverse()
        index.find(Path("b") / row.file)
    (file.parent / "b").mkdir()
    for image in ("a.png", "b/c.png"):
        (file.parent / image).touch()
    manual_eyes.eyes_in_folder(file, file.parent)


_TABLES = [
    ("list_attr_celeba.csv", b"image_id,Smiling,Male\n1.jpg,1,-1\n2.jpg,-1,1\n"),
    ("list_attr_celeba.txt", b"2\nSmiling Male\n1.jpg  1 -1\n2.jpg -1  1\n"),
    ("list_eval_partition.txt", b"1.jpg 0\n2.jpg 1\n"),
    ("identity_CelebA.txt", b"1.jpg 5\n2.jpg 6\n"),
    ("anno_train.json", json.dumps([{"image_name": "photo1/image0001", "style": 1, "gender": 0}]).encode()),
]


def _read_tables(file: Path) -> None:
    photos = file.parent / "photo" / "photo1"
    photos.mkdir(parents=True)
    sketches = file.parent / "sketch" / "sketch1"
    sketches.mkdir(parents=True)
    for image in (photos / "image0001.png", sketches / "sketch0001.png", photos / "1.jpg", photos / "2.jpg"):
        image.write_bytes(b"x")
    if file.suffix == ".json":
        list(Fs2k(file.parent).items())
        return
    (file.parent / "img_align_celeba").symlink_to("photo/photo1")
    with suppress(S2FError):
        list(Celeba(file.parent).items())
    list(_tables.words(file, 2))
    list(_tables.lines(file))
    if file.suffix == ".csv":
        list(_tables.rows(file, ["image_id"]))


TARGETS = {
    "manifest": lambda: Target("manifest", _manifest(), damaged_lines, _read_manifest),
    "eyes": lambda: Target("eyes", [("eyes.csv", _EYES)], damaged_text, _read_eyes),
    "tables": lambda: Target("tables", _TABLES, damaged_text, _read_tables),
}
