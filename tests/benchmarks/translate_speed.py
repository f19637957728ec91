"""Time `s2f translate` from end to end, compared with a plain eager loop and a lower bound.

Run by hand, on a quiet machine:

    python tests/benchmarks/translate_speed.py [--rounds 2] [--models shipped …] [--first] [--ways]

Translates a folder of 256×256 photos in a separate process; times include start-up. The plain loop opens a
file, resizes it, translates one image in float32, and saves the result, as the test script of the CycleGAN
authors does. Its generators are those of `_plain_gans.py`; for the shipped model it is that model's network.
The lower bound ("floor") is the time of the generator's multiplications and additions at the rate that a
single 3×3 convolution of 256 channels reaches in the same run. `--busy` is for a machine with other work: it
counts processor seconds, of all threads, instead of the wall clock's.

`--first` times the first image instead. `--ways` times a generator alone in several ways (memory layouts,
bfloat16, ONNX Runtime, torch.compile), and prints how far each result is from float32.
"""

import argparse
import copy
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch._inductor.exc
from _plain_gans import Given, initialised, resnet, unet
from PIL import Image
from skimage import data
from torch.utils.flop_counter import FlopCounterMode
from training_speed import attainable

from s2f_cli.cli.console import markdown
from s2f_cli.inference import onnx_engine
from s2f_cli.models import bundle, recipes, zoo
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card

IMAGES = {"shipped": 64, "pix2pix": 48, "cyclegan": 16}
"""Models, and the number of images for each."""
SIDE = 256
PLAIN = """
import sys, numpy, torch
from pathlib import Path
from PIL import Image
network = torch.load(sys.argv[1], weights_only=False).eval()
for file in sorted(Path(sys.argv[2]).iterdir()):
    image = Image.open(file).convert("RGB").resize((256, 256), Image.Resampling.BICUBIC)
    batch = torch.from_numpy(numpy.asarray(image, numpy.float32).transpose(2, 0, 1)[None] / 127.5 - 1)
    with torch.no_grad():
        result = network(batch)[0]
    levels = ((result.numpy().clip(-1, 1) + 1) * 127.5).round().astype(numpy.uint8)
    levels = levels[0] if len(levels) == 1 else levels.transpose(1, 2, 0)
    Image.fromarray(levels).save(Path(sys.argv[3], file.name))
"""


def photos(folder: Path, count: int) -> None:
    """Write square crops of an astronaut as PNG."""
    folder.mkdir()
    astronaut = Image.fromarray(data.astronaut())
    for number in range(count):
        astronaut.rotate(number, Image.Resampling.BICUBIC).crop((64, 0, 448, 384)).resize((SIDE, SIDE)).save(
            folder / f"{number:03}.png"
        )


def prepare(name: str, folder: Path) -> tuple[Path, torch.nn.Module]:
    """The model file, and the network of the plain loop."""
    if name == "shipped":
        path = zoo.find("face-to-sketch").path
        networks, card = bundle.load(path)
        return path, Given(networks["to_sketch"], card.recipe.conditions.vector())
    torch.manual_seed(0)
    recipe = recipes.read(name)
    path = folder / f"{name}.safetensors"
    bundle.save(path, build_networks(recipe), Card(recipe=recipe, step=0, seed=0, data="", data_digest=""))
    return path, initialised(unet() if name == "pix2pix" else resnet())


def seconds(command: list[str], busy: bool = False) -> float:
    clock = processor_seconds if busy else time.perf_counter
    start = clock()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return clock() - start


def processor_seconds() -> float:
    """Of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def translate_command(model: Path, source: Path, target: Path, *options: str) -> list[str]:
    words = [sys.executable, "-m", "s2f_cli", "translate", "--to", "sketch", "--model", str(model)]
    return [*words, "--device", "cpu", "--overwrite", str(source), "-o", str(target), *options]


def gigaflops(network: torch.nn.Module) -> float:
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, 3, SIDE, SIDE))
    return counter.get_total_flops() / 1e9


def end_to_end(names: list[str], rounds: int, rate: float, busy: bool) -> str:
    rows = []
    for name in names:
        with tempfile.TemporaryDirectory() as temporary:
            folder, count = Path(temporary), IMAGES[name]
            photos(folder / "in", count)
            for out in ("plain", "ours"):
                (folder / out).mkdir()
            path, network = prepare(name, folder)
            torch.save(network, folder / "network.pt")
            (folder / "plain.py").write_text(PLAIN)
            plain_loop = [str(folder / word) for word in ("plain.py", "network.pt", "in", "plain")]
            paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH")]
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
            s2f = translate_command(path, folder / "in", folder / "ours", "--no-align")
            commands = [[sys.executable, *plain_loop], s2f, [*s2f, "--precision", "bf16"]]
            times = [[seconds(command, busy) for command in commands] for _ in range(rounds)]
            plain, ours, half = (min(side) for side in zip(*times, strict=True))
            floor = gigaflops(network) * count / rate
        rows.append(
            (
                name,
                str(count),
                f"{plain:.1f}",
                f"{ours:.1f}",
                f"{half:.1f}",
                f"{floor:.1f}",
                f"{count / plain:.1f}",
                f"{count / ours:.1f}",
                f"{count / half:.1f}",
                f"{count / floor:.1f}",
            )
        )
    return markdown(
        (
            "model",
            "images",
            "plain s",
            "s2f s",
            "bf16 s",
            "floor s",
            "plain images/s",
            "s2f",
            "bf16",
            "floor",
        ),
        rows,
    )


def first(rounds: int) -> str:
    """Time from the command to the first image, with the shipped model."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        photo, crop, out = Path(name, "photo.png"), Path(name, "crop.png"), Path(name, "out.png")
        Image.fromarray(data.astronaut()).save(photo)
        Image.open(photo).crop((64, 0, 448, 384)).resize((SIDE, SIDE)).save(crop)
        model = zoo.find("face-to-sketch").path
        for label, command in {
            "`import torch` alone": [sys.executable, "-c", "import torch"],
            "a crop of 256×256, `--no-align`": translate_command(model, crop, out, "--no-align"),
            "a photo of 512×512, face found and pasted back": translate_command(model, photo, out),
        }.items():
            times = [seconds(command) for _ in range(rounds + 1)][1:]
            rows.append((label, f"{statistics.median(times):.2f}", f"{max(times):.2f}"))
    return markdown(("first image", "median s", "slowest s"), rows)


def ways(name: str) -> str:
    """Time a generator alone with one image of 256×256 and with eight, in milliseconds per image."""
    with tempfile.TemporaryDirectory() as folder:
        path, _ = prepare(name, Path(folder))
        networks, card = bundle.load(path)
        (role,) = networks.directions["sketch"]
        given = card.recipe.conditions.vector()
        network, cl = Given(networks[role], given) if given else networks[role], torch.channels_last
        conditions = np.array([given], np.float32) if given else None
        words = ["export", folder, "--model", str(path), "--to", "sketch", "--tolerance", "1"]
        subprocess.run([sys.executable, "-m", "s2f_cli", *words], check=True, capture_output=True)
        (file,) = Path(folder).glob("*.onnx")
        engine, _ = onnx_engine.of_file(file)
        last = copy.deepcopy(network).to(memory_format=cl)
        half, compiled = copy.deepcopy(last).bfloat16(), torch.compile(last)
        variants = {
            "float32, channels first": network,
            "float32, channels last": lambda image: last(image.to(memory_format=cl)),
            "bfloat16, channels last": lambda image: half(image.bfloat16().to(memory_format=cl)).float(),
            "ONNX Runtime": lambda image: torch.from_numpy(
                engine.run("directions", "sketch", image.numpy(), conditions)
            ),
            "torch.compile, channels last": lambda image: compiled(image.to(memory_format=cl)),
        }
        photo = Image.fromarray(data.astronaut()).resize((SIDE, SIDE))
        image = torch.frombuffer(bytearray(photo.tobytes()), dtype=torch.uint8).reshape(1, SIDE, SIDE, 3)
        image = image.permute(0, 3, 1, 2).float() / 127.5 - 1
        rows = []
        with torch.inference_mode():
            expected = network(image)
            for label, run in variants.items():
                start = time.perf_counter()
                try:
                    difference = float((run(image) - expected).abs().max())
                except torch._inductor.exc.InductorError as error:
                    rows.append((f"{label}: {str(error).splitlines()[0][:60]}", *[""] * 4))
                    continue
                first_call = time.perf_counter() - start
                cells = [f"{first_call:.2f}"]
                for batch in (image, image.expand(8, -1, -1, -1).contiguous()):
                    times = []
                    for _ in range(5):
                        start = time.perf_counter()
                        run(batch)
                        times.append((time.perf_counter() - start) / len(batch))
                    cells.append(f"{min(times) * 1e3:.0f}")
                rows.append((label, *cells, f"{difference:.1g}"))
    return f"{name}\n" + markdown(("way", "first call s", "ms, alone", "ms, of eight", "difference"), rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--models", nargs="+", default=list(IMAGES))
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--ways", action="store_true")
    parser.add_argument("--busy", action="store_true")
    options = parser.parse_args()
    rates = attainable()
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}; attainable {json.dumps(rates)}")
    if options.first:
        print(first(options.rounds))
    elif options.ways:
        print("\n\n".join(ways(name) for name in options.models))
    else:
        print(end_to_end(options.models, options.rounds, rates["fp32"], options.busy))


if __name__ == "__main__":
    main()
