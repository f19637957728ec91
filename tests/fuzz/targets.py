"""The kinds of files that s2f reads, each with files to damage and the code that reads them."""

import io
import json
import random
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms, PngImagePlugin

sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import TINY
from mutations import damaged, damaged_json, with_valid_checksums

from s2f_cli.core import archives, files, image_folder, images, names
from s2f_cli.core.errors import S2FError
from s2f_cli.data import manifest
from s2f_cli.data.sources import _tables
from s2f_cli.data.sources.celeba import Celeba
from s2f_cli.data.sources.fs2k import Fs2k
from s2f_cli.evaluation.results import EvaluationResult
from s2f_cli.evaluation.results_json import as_json
from s2f_cli.evaluation.scoring import Score, Scores, find_metrics
from s2f_cli.evaluation.thresholds import QualityGate, read_baseline, regressions
from s2f_cli.faces import manual_eyes
from s2f_cli.faces.geometry import preset, transform_of
from s2f_cli.models import bundle, card, locate, zoo
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes import load
from s2f_cli.training import curves, run_summary, validate
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_settings import RunSettings

Damage = Callable[[bytes, Sequence[bytes], random.Random], bytes]


@dataclass
class Target:
    """A kind of files: examples by name, how they are damaged and how they are read."""

    name: str
    examples: list[tuple[str, bytes]]
    damage: Damage
    read: Callable[[Path], object]

    def write(self, rng: random.Random, folder: Path) -> Path:
        """Write a damaged example into a folder, in place of the last one."""
        for old in folder.iterdir():
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
        name, data = rng.choice(self.examples)
        file = folder / name
        file.write_bytes(self.damage(data, [example for _, example in self.examples], rng))
        return file


def _text(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    return damaged(data, others, rng, text=True)


def _photo(size: tuple[int, int] = (24, 20)) -> Image.Image:
    rng = np.random.default_rng(1)
    return Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)).resize(size)


def _images() -> list[tuple[str, bytes]]:
    photo = _photo()
    exif = Image.Exif()
    exif[274] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    labels = {"exif": exif, "icc_profile": profile}
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    gamma = PngImagePlugin.PngInfo()
    gamma.add(b"gAMA", (45455).to_bytes(4, "big"))
    deep = Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257)
    floats = Image.fromarray(np.asarray(photo.convert("L"), np.float32) / 255)
    jobs = [
        *(
            ("RGB", kind, {})
            for kind in ("png", "jpg", "webp", "avif", "bmp", "gif", "tif", "ppm", "qoi", "tga")
        ),
        *(("RGB", kind, {}) for kind in ("jp2", "pcx", "mpo", "dib")),
        *(("L", kind, {}) for kind in ("png", "jpg", "tif", "pgm", "jp2", "bmp", "webp")),
        *(("P", kind, {}) for kind in ("png", "gif", "tif", "bmp", "pcx")),
        *(("RGBA", kind, {}) for kind in ("png", "webp", "tif", "tga", "jp2", "avif", "qoi")),
        *(("LA", kind, {}) for kind in ("png", "tif", "tga")),
        *(("1", kind, {}) for kind in ("png", "tif", "pbm", "bmp")),
        *(("CMYK", kind, {}) for kind in ("jpg", "tif")),
        *(("LAB", "tif", {"icc_profile": p}) for p in (lab, profile)),
        *(("RGB", kind, labels) for kind in ("png", "jpg", "webp", "tif", "avif")),
        *(("RGB", "tif", {"compression": c}) for c in ("tiff_lzw", "jpeg", "tiff_adobe_deflate", "packbits")),
        *(("1", "tif", {"compression": c}) for c in ("group3", "group4")),
        ("RGB", "jpg", {"progressive": True}),
        ("RGB", "png", {"pnginfo": gamma, "transparency": (1, 2, 3)}),
        ("P", "png", {"transparency": b"\0\x80\xff"}),
        ("RGB", "webp", {"lossless": True}),
        ("RGB", "gif", {"save_all": True, "append_images": [photo.rotate(90)]}),
        ("RGB", "png", {"save_all": True, "append_images": [photo.rotate(90)]}),
    ]
    examples = []
    for mode, suffix, options in jobs:
        examples.append((f"image.{suffix}", _encoded(photo.convert(mode), suffix, options)))
    for image, suffix, options in (
        *((deep, suffix, {"icc_profile": profile}) for suffix in ("png", "tif")),
        *((deep, suffix, {}) for suffix in ("png", "tif", "pgm", "jp2")),
        *((floats, suffix, {}) for suffix in ("tif", "pfm")),
    ):
        examples.append((f"deep.{suffix}", _encoded(image, suffix, options)))
    fixtures = Path(__file__).parents[1] / "fixtures" / "heif"
    examples += [(file.name, file.read_bytes()) for file in sorted(fixtures.glob("*.heic"))]
    return examples


def _encoded(image: Image.Image, suffix: str, options: dict) -> bytes:
    buffer = io.BytesIO()
    kind = Image.registered_extensions().get(f".{suffix}", "PPM")
    if image.mode == "LAB" or "icc_profile" not in options or kind != "TIFF":
        image.save(buffer, kind, **options)
    else:
        image.save(buffer, kind, icc_profile=options["icc_profile"])
    return buffer.getvalue()


def _damaged_image(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    changed = damaged(data, others, rng)
    return with_valid_checksums(changed) if data[:4] == b"\x89PNG" and rng.random() < 0.7 else changed


def _read_image(file: Path) -> None:
    image = images.read(file)
    assert image.mode in ("L", "RGB"), image.mode
    assert not image.info, image.info
    images.normalise(image)


def _archives() -> list[tuple[str, bytes]]:
    png = _encoded(_photo(), "png", {})
    members = [f"set/{d}/{n}.png" for d in ("face", "sketch") for n in "ab"] + ["set\\c.png", "__MACOSX/._a"]
    examples = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as packed:
            for member in members:
                packed.writestr(member, png)
        examples.append(("set.zip", buffer.getvalue()))
    for suffix, mode, form in (
        *((".tar", "w", form) for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT)),
        *((f".tar.{m}", f"w:{m}", tarfile.PAX_FORMAT) for m in ("gz", "bz2", "xz")),
    ):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=mode, format=form) as tape:
            for member in [*members, "é" * 40 + ".png"]:
                entry = tarfile.TarInfo(member)
                entry.size = len(png)
                tape.addfile(entry, io.BytesIO(png))
        examples.append((f"set{suffix}", buffer.getvalue()))
    return examples


def _read_archive(file: Path) -> None:
    inside = file.parent / "outer" / "inner"
    archives.unpack(file, inside)
    left = {path.name for path in (*file.parent.iterdir(), *(file.parent / "outer").glob("*"))}
    assert left <= {file.name, "outer", "inner"}, left
    if inside.is_dir():
        list(image_folder.walk_images(inside))


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


def _damaged_lines(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return damaged(data, others, rng, text=True)
    lines = data.split(b"\n")
    number = rng.randrange(len(lines))
    lines[number] = damaged_json(lines[number], lines, rng) if lines[number].strip() else b"[]"
    return b"\n".join(lines)


def _read_manifest(file: Path) -> None:
    read = manifest.Manifest.read(file.parent)
    read.digest()
    for split in read.splits():
        for entry in read.within(split):
            assert read.path(entry, next(iter(entry.files))).is_relative_to(file.parent)
            names.loose(entry.name)


def _recipe() -> load.Recipe:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tiny.toml"
        file.write_text(TINY)
        return load.read(str(file))


def _bundles() -> list[tuple[str, bytes]]:
    recipe = _recipe()
    described = card.Card(recipe=recipe, step=1, seed=0, data="demo", data_digest="0", notes={"a": "b"})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        bundle.save(file, build_networks(recipe), described)
        return [("model.safetensors", file.read_bytes())]


def _damaged_bundle(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return damaged(data, others, rng)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    if rng.random() < 0.5:
        text = damaged_json(header["__metadata__"]["s2f"].encode(), others, rng)
        header["__metadata__"]["s2f"] = text.decode("utf-8", "replace")
        text = json.dumps(header).encode()
    else:
        text = damaged_json(data[8 : 8 + size], others, rng)
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


def _read_bundle(file: Path) -> None:
    locate.locate(file)
    bundle.load(file)


def _read_recipe(file: Path) -> None:
    validate.check(load.read(str(file)))


_SETS = ("weights.cycle=5", "image.size=16", "networks.to_face.part=unet", "stages.train.steps=3", "epochs=2")


def _read_override(file: Path) -> None:
    recipe = file.parent / "tiny.toml"
    recipe.write_text(TINY)
    validate.check(load.read(str(recipe), [file.read_bytes().decode("utf-8", "surrogateescape")]))


_METRICS = find_metrics(["ssim", "mse"])


def _result() -> EvaluationResult:
    scores = {"ssim": Score(0.5, 3, 0.4, 0.6), "mse": Score(0.1, 3)}
    variants = {"ssim": "v", "mse": "w"}
    return EvaluationResult("m", "face → sketch", "data", Scores(scores, variants=variants))


def _baseline() -> list[tuple[str, bytes]]:
    result = _result()
    document = as_json([result], _METRICS)
    for metric, variant in result.scores.variants.items():
        document["metrics"][metric]["variant"] = variant
    return [("baseline.json", json.dumps(document).encode())]


def _read_baseline(file: Path) -> None:
    regressions(_result(), _METRICS, read_baseline(file), 0.01)


_GATE = b"""[tool.s2f.evaluate]
metric = ["ssim", "mse"]
fail-under = {ssim = 0.5}
fail-over = {mse = 1}
baseline = "b.json"
tolerance = 0.02
"""


def _read_gate(file: Path) -> None:
    gate = QualityGate.read(file.parent)
    find_metrics(gate.metrics)
    gate.failures([_result()], _METRICS)


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


def _runs() -> list[tuple[str, bytes]]:
    settings = RunSettings(
        recipe=_recipe(), seed=0, precision="fp32", data="data", data_source="demo", data_digest="0"
    )
    text = settings.model_dump_json().encode()
    log = [
        {"step": 1, "epoch": 0.5, "stage": "train", "critics/fake": 0.5},
        {"step": 2, "val/ssim:face": 0.25},
    ]
    buffer = io.BytesIO()
    torch.save({"step": 3, "networks": {"a": torch.zeros(2)}}, buffer)
    return [
        ("run.json", text),
        ("log.jsonl", "\n".join(map(json.dumps, log)).encode()),
        ("state.pt", buffer.getvalue()),
    ]


def _damaged_run(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    if data[:1] != b"{":
        return damaged(data, others, rng)
    return _damaged_lines(data, others, rng)


_RUN = _runs()


def _read_run(file: Path) -> None:
    for name, content in _RUN:
        if name != file.name:
            (file.parent / name).write_bytes(content)
    run_summary.RunSummary.of(file.parent)
    curves.grouped_curves(file.parent)
    run_summary.differing_settings([file.parent, file.parent])
    run = Run.open(file.parent)
    run.logged("val/ssim:face")
    run.load()
    run.rewind(1)


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
    list(_tables.rows(file, ["image_id"]))


def _read_sums(file: Path) -> None:
    zoo._read_sums(file.parent)
    files.is_litter(file.name)


TARGETS: dict[str, Callable[[], Target]] = {
    "images": lambda: Target("images", _images(), _damaged_image, _read_image),
    "archives": lambda: Target("archives", _archives(), damaged, _read_archive),
    "manifest": lambda: Target("manifest", _manifest(), _damaged_lines, _read_manifest),
    "bundle": lambda: Target("bundle", _bundles(), _damaged_bundle, _read_bundle),
    "recipe": lambda: Target("recipe", [("tiny.toml", TINY.encode())], _text, _read_recipe),
    "override": lambda: Target(
        "override", [("set.txt", text.encode()) for text in _SETS], _text, _read_override
    ),
    "baseline": lambda: Target("baseline", _baseline(), damaged_json, _read_baseline),
    "gate": lambda: Target("gate", [("pyproject.toml", _GATE)], _text, _read_gate),
    "eyes": lambda: Target("eyes", [("eyes.csv", _EYES)], _text, _read_eyes),
    "run": lambda: Target("run", _RUN, _damaged_run, _read_run),
    "tables": lambda: Target("tables", _TABLES, _text, _read_tables),
    "sums": lambda: Target("sums", [("SHA256SUMS", b"0" * 64 + b"  a.safetensors\n")], _text, _read_sums),
}
