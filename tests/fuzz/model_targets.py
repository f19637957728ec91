"""Recipes, models and runs."""

import io
import json
import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from mutations import damaged, damaged_json
from target import Target, damaged_lines, damaged_text

from s2f_cli.core import files
from s2f_cli.models import bundle, card, locate, zoo
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes import load
from s2f_cli.training import curves, run_summary, validate
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_settings import RunSettings

TINY = Path(__file__).parents[1] / "fixtures/tiny.toml"


def _recipe() -> load.Recipe:
    return load.read(str(TINY))


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
    shutil.copy(TINY, recipe)
    validate.check(load.read(str(recipe), [file.read_bytes().decode("utf-8", "surrogateescape")]))


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
    return damaged_lines(data, others, rng)


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


def _read_sums(file: Path) -> None:
    zoo._read_sums(file.parent)
    files.is_litter(file.name)


TARGETS = {
    "bundle": lambda: Target("bundle", _bundles(), _damaged_bundle, _read_bundle),
    "recipe": lambda: Target("recipe", [("tiny.toml", TINY.read_bytes())], damaged_text, _read_recipe),
    "override": lambda: Target(
        "override", [("set.txt", text.encode()) for text in _SETS], damaged_text, _read_override
    ),
    "run": lambda: Target("run", _RUN, _damaged_run, _read_run),
    "sums": lambda: Target(
        "sums", [("SHA256SUMS", b"0" * 64 + b"  a.safetensors\n")], damaged_text, _read_sums
    ),
}
