"""Fixtures: a data set, a recipe, a run and models that are tiny; all are read-only."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from s2f_cli.data.manifest import Entry, Header, to_line, write_lines

SIZE = 16
RECIPES = Path(__file__).parents[1] / "fixtures"
CONDITIONS = (
    "conditions.style.default=bold",
    'conditions.style.labels={ fine = ["1"], bold = ["2"] }',
    "conditions.skin.default=tan",
    "conditions.backdrop.default=white",
    "networks.to_face.in_channels=9",
    "networks.to_sketch.in_channels=11",
)
"""Overrides that make the generators of the recipe take a style, a skin and a backdrop: eight planes."""


@pytest.fixture(scope="session")
def drawing() -> Callable[..., Image.Image]:
    """Draws smooth RGB images that every flip and turn changes."""

    def draw(seed: int, width: int = SIZE, height: int = SIZE) -> Image.Image:
        levels = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
        return Image.fromarray(levels).resize((width, height), Image.Resampling.BICUBIC)

    return draw


@pytest.fixture(scope="session")
def make_data(drawing: Callable[..., Image.Image]) -> Callable[..., Path]:
    """Writes a data set with the given numbers of faces and sketches per split; equal numbers are a pair."""

    def make(folder: Path, size: int = SIZE, **splits: tuple[int, int]) -> Path:
        entries = []
        for split, (faces, sketches) in splits.items():
            for number in range(max(faces, sketches)):
                image = drawing(1000 * len(split) + number, size, size)
                images = {"face": image} if number < faces else {}
                images |= {"sketch": image.convert("L")} if number < sketches else {}
                files, hashes = {}, {}
                for domain, image in images.items():
                    files[domain] = f"{split}/{domain}/{number}.png"
                    file = folder / files[domain]
                    file.parent.mkdir(parents=True, exist_ok=True)
                    image.save(file)
                    hashes[domain] = hashlib.sha256(file.read_bytes()).hexdigest()
                name = f"{split}-{number}"
                entries.append(Entry(name=name, split=split, identity=name, files=files, sha256=hashes))
        header = Header(source="tiny", licence="MIT", split="by hand")
        write_lines(folder, header, map(to_line, sorted(entries, key=lambda e: (e.split, e.name))))
        return folder

    return make


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, make_data: Callable[..., Path]) -> Path:
    """A prepared data set of 6 pairs to train on and 3 to test on, 16 pixels wide."""
    return make_data(tmp_path_factory.mktemp("tiny") / "data", train=(6, 6), test=(3, 3))


@pytest.fixture(scope="session")
def tiny_recipe() -> Path:
    """A CycleGAN recipe of six steps that exercises everything random in training."""
    return RECIPES / "tiny.toml"


@pytest.fixture(scope="session")
def staged_recipe() -> Path:
    """A recipe of two stages: `first` trains to_face for three steps, `second` to_sketch."""
    return RECIPES / "staged.toml"


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, s2f: Callable, tiny_recipe: Path, data: Path) -> Path:
    """The folder of a finished run of `tiny_recipe` on `data`."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    result = s2f("train", tiny_recipe, "--data", data, "--output", folder, "--device", "cpu")
    assert result.code == 0, result.err
    return folder


@pytest.fixture(scope="session")
def conditional_model(tmp_path_factory: pytest.TempPathFactory, tiny_recipe: Path) -> Path:
    """An untrained model of both directions that is given a style, a skin and a backdrop."""
    import torch

    from s2f_cli.models import bundle, recipes
    from s2f_cli.models.build import build_networks

    recipe = recipes.read(str(tiny_recipe), CONDITIONS)
    torch.manual_seed(0)
    card = bundle.Card(recipe=recipe, step=0, seed=0, data="tiny", data_digest="", licence="MIT")
    file = tmp_path_factory.mktemp("conditional") / "model.safetensors"
    bundle.save(file, build_networks(recipe), card)
    return file


@pytest.fixture(scope="session")
def conditional_layer(conditional_model: Path) -> tuple[Any, Any]:
    """Networks and card of a model to sketches that is given the same, of one layer: quick to export."""
    import torch

    from s2f_cli.models import bundle
    from s2f_cli.models.networks import Network
    from s2f_cli.models.roles import Networks

    class Layer(Network):
        """Takes the photo's channels and eight planes, in heights and widths that are even."""

        multiple = 2

        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Conv2d(11, 1, 3, padding=1)

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return self.layer(image).tanh()

    torch.manual_seed(0)
    _, card = bundle.load(conditional_model)
    networks = Networks({"to_sketch": Layer()}, {"sketch": ["to_sketch"]})
    return networks.eval().requires_grad_(False), card
