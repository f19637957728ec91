"""A small data set and a small untrained model."""

import hashlib

import numpy as np
import pytest
import torch
from PIL import Image

from s2f_cli.data.manifest import Entry, Header, to_line, write_lines
from s2f_cli.models import bundle, recipes
from s2f_cli.models.build import build_networks


def _image(seed, size=(40, 30)):
    levels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    return Image.fromarray(levels)


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("S2F_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def data(tmp_path):
    """`data/` with the pairs a, b and c in the test split, and d in the train split."""
    folder, entries = tmp_path / "data", []
    for number, name in enumerate("abcd"):
        split = "train" if name == "d" else "test"
        files = {domain: f"{split}/{domain}/{name}.png" for domain in ("face", "sketch")}
        hashes = {}
        for offset, (domain, file) in enumerate(files.items()):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            _image(number * 2 + offset).save(folder / file)
            hashes[domain] = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        entries.append(Entry(name=name, split=split, identity=name, files=files, sha256=hashes))
    write_lines(folder, Header(source="noise"), map(to_line, entries))
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """An untrained bundle of the recipe conv-ae at 16 pixels."""
    small = recipes.read("conv-ae", ["image.size=16"])
    torch.manual_seed(0)
    networks = build_networks(small)
    file = tmp_path_factory.mktemp("model") / "model.safetensors"
    bundle.save(file, networks, bundle.Card(recipe=small, step=0, seed=0, data="noise", data_digest=""))
    return file
