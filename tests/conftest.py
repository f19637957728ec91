"""Shared fixtures: a tiny prepared data set, a tiny recipe, a tiny trained run, and `s2f` itself."""

import gc
import hashlib
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import psutil
import pytest
import typer.main
import typer.testing
from PIL import Image

from s2f_cli.core import freed_memory
from s2f_cli.data.manifest import Entry, Header, to_line, write_lines

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported; pytest-xdist uses the cores
gc.set_threshold(20_000, 20, 20)  # by default, garbage collection takes an eighth of the tests' time

SIZE = 16
MUCH = 200_000_000
"""Bytes that a test may leave before free memory is returned to the system."""

TINY = """
title = "A CycleGAN that trains in a second"
source = "the tests"
steps = 6
batch_size = 2

[image]
size = 16
fit = "crop"
[image.channels]
face = 3
sketch = 1

[data]
pairing = "unpaired"
augment = ["flip"]

[networks.to_face]
part = "unet"
in_channels = 1
features = 4
levels = 2
bottleneck_groups = 2
[networks.to_sketch]
part = "unet"
out_channels = 1
features = 4
levels = 2
bottleneck_groups = 2
[networks.face_critic]
part = "patch_critic"
features = 4
layers = 1
[networks.sketch_critic]
part = "patch_critic"
in_channels = 1
features = 4
layers = 1

[directions]
face = ["to_face"]
sketch = ["to_sketch"]

[objective]
part = "cycle_gan"
[objective.adversarial]
part = "lsgan"
label_noise = 0.1
label_flip = 0.2

[weights]
adversarial = 1.0
cycle = 10.0
real = 1.0
fake = 1.0

[players.generators]
trains = ["to_face", "to_sketch"]
learning_rate = 0.001
betas = [0.5, 0.999]
[players.critics]
trains = ["face_critic", "sketch_critic"]
learning_rate = 0.001
betas = [0.5, 0.999]
"""


@dataclass(frozen=True)
class Result:
    """The exit code and the output of a call of `s2f`."""

    code: int
    stdout: bytes
    err: str

    @property
    def out(self) -> str:
        return self.stdout.decode()

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def left_out(self) -> list[str]:
        """The lines that report a file of a batch that failed."""
        return [line for line in self.err.splitlines() if line.startswith("left out: ")]


@pytest.fixture(scope="session", autouse=True)
def _built_once() -> Iterator[None]:
    """Build the parsers of all commands once: that takes 50 ms, and a call with wrong options 2 ms."""
    build = lru_cache(16)(typer.main.get_command)
    with patch("typer.main.get_command", build), patch("typer.testing._get_command", build):
        yield


@pytest.fixture(scope="session")
def s2f() -> Callable[..., Result]:
    """Runs `s2f` in this process as the console script does: exit code, stdout, stderr."""

    def run(*arguments: object, stdin: bytes = b"") -> Result:
        from s2f_cli.cli.app import main

        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
        with (
            patch.object(sys, "argv", ["s2f", *map(str, arguments)]),
            patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        out.flush()
        err.flush()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Result(code or 0, out.buffer.getvalue(), err.buffer.getvalue().decode())

    return run


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
    """A prepared data set of 6 pairs to train on and 3 to test on, 16 pixels wide; read-only."""
    return make_data(tmp_path_factory.mktemp("tiny") / "data", train=(6, 6), test=(3, 3))


@pytest.fixture(scope="session")
def tiny_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CycleGAN recipe of six steps that exercises everything random in training."""
    file = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    file.write_text(TINY)
    return file


CONDITIONS = (
    "conditions.style.default=bold",
    'conditions.style.labels={ fine = ["1"], bold = ["2"] }',
    "conditions.skin.default=tan",
    "conditions.backdrop.default=white",
    "networks.to_face.in_channels=9",
    "networks.to_sketch.in_channels=11",
)
"""Overrides that make the generators of `tiny_recipe` take a style, a skin and a backdrop: eight planes."""


@pytest.fixture(scope="session")
def conditional_model(tmp_path_factory: pytest.TempPathFactory, tiny_recipe: Path) -> Path:
    """An untrained model of both directions that is given a style, a skin and a backdrop; read-only."""
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


@pytest.fixture(scope="session")
def tiny_run(
    tmp_path_factory: pytest.TempPathFactory, s2f: Callable[..., Result], tiny_recipe: Path, data: Path
) -> Path:
    """The folder of a finished run of `tiny_recipe` on `data`; read-only."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    result = s2f("train", tiny_recipe, "--data", data, "--output", folder, "--device", "cpu")
    assert result.code == 0, result.err
    return folder


@pytest.fixture(scope="session")
def _resident() -> list[int]:
    """The bytes that the process held when its free memory was last returned."""
    return [0]


@pytest.fixture(autouse=True)
def _freed_memory(_resident: list[int]) -> Iterator[None]:
    """Return free memory after a test that took much: a training makes the process keep what it frees."""
    yield
    process = psutil.Process()
    if process.memory_info().rss > _resident[0] + MUCH:
        gc.collect()
        freed_memory.return_to_system()
        _resident[0] = process.memory_info().rss


@pytest.fixture
def default_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the process, also where the tests run under `nohup`."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {getattr(signal, name): signal.signal(getattr(signal, name), signal.SIG_DFL) for name in names}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """The package ray, connected to a cluster of two nodes with a core each; skips if it is not installed."""
    package = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    started = Cluster()
    for _ in range(2):
        started.add_node(num_cpus=1)
    package.init(address=started.address, log_to_driver=False)
    yield package
    package.shutdown()
    started.shutdown()
