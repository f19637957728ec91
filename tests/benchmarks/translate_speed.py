"""`s2f translate` from end to end, beside a plain eager loop and the floor. By hand, on a quiet machine:

    python tests/benchmarks/translate_speed.py [--rounds 2] [--games shipped …] [--first] [--ways]

Translates a folder of 256×256 photos, start-up included, in a process of its own. The plain loop opens a
file, resizes, translates one image in float32 as torch has it, and saves, as the test script of the authors
of CycleGAN does; its generators are those of `_plain_gans.py`, and for the model that comes with s2f its own
network. The floor is the generator's multiplications and additions at the rate that a single 3×3 convolution
of 256 channels reaches in the same run. `--first` times the first image instead, `--ways` a generator alone
in other ways: layouts, bfloat16, ONNX Runtime, torch.compile, and how far each is from float32.
"""

import argparse
import copy
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
import torch._inductor.exc
from _plain_gans import resnet, started, unet
from PIL import Image
from skimage import data
from torch.utils.flop_counter import FlopCounterMode
from training_speed import attainable

from s2f_cli.cli.console import markdown
from s2f_cli.models import bundle, recipes, zoo
from s2f_cli.models.build import build_networks
from s2f_cli.models.bundle import Card

GAMES = {"shipped": 64, "pix2pix": 48, "cyclegan": 16}
"""So many images of each."""
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
        made = network(batch)[0]
    levels = ((made.numpy().clip(-1, 1) + 1) * 127.5).round().astype(numpy.uint8)
    levels = levels[0] if len(levels) == 1 else levels.transpose(1, 2, 0)
    Image.fromarray(levels).save(Path(sys.argv[3], file.name))
"""


def photos(folder: Path, count: int) -> None:
    """Squares out of an astronaut, as PNG."""
    folder.mkdir()
    whole = Image.fromarray(data.astronaut())
    for number in range(count):
        whole.rotate(number, Image.Resampling.BICUBIC).crop((64, 0, 448, 384)).resize((SIDE, SIDE)).save(
            folder / f"{number:03}.png"
        )


def models(game: str, folder: Path) -> tuple[Path, torch.nn.Module]:
    """A bundle, and the network of the plain loop."""
    if game == "shipped":
        path = zoo.find("face-to-sketch").path
        return path, bundle.load(path)[0]["to_sketch"]
    torch.manual_seed(0)
    read = recipes.read(game)
    path = folder / f"{game}.safetensors"
    bundle.save(path, build_networks(read), Card(recipe=read, step=0, seed=0, data="", data_digest=""))
    return path, started(unet() if game == "pix2pix" else resnet())


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def translated(model: Path, given: Path, to: Path, *more: str) -> list[str]:
    words = [sys.executable, "-m", "s2f_cli", "translate", "--to", "sketch", "--model", str(model)]
    return [*words, "--device", "cpu", "--overwrite", str(given), "-o", str(to), *more]


def gigaflops(network: torch.nn.Module) -> float:
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, 3, SIDE, SIDE))
    return counter.get_total_flops() / 1e9


def end_to_end(games: list[str], rounds: int, rate: float) -> str:
    rows = []
    for game in games:
        with tempfile.TemporaryDirectory() as name:
            folder, count = Path(name), GAMES[game]
            photos(folder / "in", count)
            for out in ("plain", "ours"):
                (folder / out).mkdir()
            path, network = models(game, folder)
            torch.save(network, folder / "network.pt")
            (folder / "plain.py").write_text(PLAIN)
            place = [str(folder / word) for word in ("plain.py", "network.pt", "in", "plain")]
            os.environ["PYTHONPATH"] = str(Path(__file__).parent)
            ours_is = translated(path, folder / "in", folder / "ours", "--no-align")
            commands = [[sys.executable, *place], ours_is, [*ours_is, "--precision", "bf16"]]
            times = [[seconds(command) for command in commands] for _ in range(rounds)]
            plain, ours, half = (min(side) for side in zip(*times, strict=True))
            floor = gigaflops(network) * count / rate
        rows.append(
            (
                game,
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
    """From the command to the first image, with the model that comes with s2f."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        photo, crop, out = Path(name, "photo.png"), Path(name, "crop.png"), Path(name, "out.png")
        Image.fromarray(data.astronaut()).save(photo)
        Image.open(photo).crop((64, 0, 448, 384)).resize((SIDE, SIDE)).save(crop)
        model = zoo.find("face-to-sketch").path
        for what, command in {
            "`import torch` alone": [sys.executable, "-c", "import torch"],
            "a crop of 256×256, `--no-align`": translated(model, crop, out, "--no-align"),
            "a photo of 512×512, face found and put back": translated(model, photo, out),
        }.items():
            times = [seconds(command) for _ in range(rounds + 1)][1:]
            rows.append((what, f"{statistics.median(times):.2f}", f"{max(times):.2f}"))
    return markdown(("first image", "median s", "slowest s"), rows)


def ways(game: str) -> str:
    """A generator alone, one image of 256×256 and eight, in milliseconds an image."""
    with tempfile.TemporaryDirectory() as name:
        path, _ = models(game, Path(name))
        networks, _ = bundle.load(path)
        (role,) = networks.directions["sketch"]
        network, cl = networks[role], torch.channels_last
        words = ["export", name, "--model", str(path), "--to", "sketch", "--tolerance", "1"]
        subprocess.run([sys.executable, "-m", "s2f_cli", *words], check=True, capture_output=True)
        from s2f_cli.inference.exported import OnnxNetwork, open_session, read_usage

        (file,) = Path(name).glob("*.onnx")
        session = open_session(file)
        usage = read_usage(session.get_modelmeta().custom_metadata_map, file)
        last = copy.deepcopy(network).to(memory_format=cl)
        half, compiled = copy.deepcopy(last).bfloat16(), torch.compile(last)
        tried = {
            "float32, channels first": network,
            "float32, channels last": lambda image: last(image.to(memory_format=cl)),
            "bfloat16, channels last": lambda image: half(image.bfloat16().to(memory_format=cl)).float(),
            "ONNX Runtime": OnnxNetwork(session, usage),
            "torch.compile, channels last": lambda image: compiled(image.to(memory_format=cl)),
        }
        photo = Image.fromarray(data.astronaut()).resize((SIDE, SIDE))
        image = torch.frombuffer(bytearray(photo.tobytes()), dtype=torch.uint8).reshape(1, SIDE, SIDE, 3)
        image = image.permute(0, 3, 1, 2).float() / 127.5 - 1
        rows = []
        with torch.inference_mode():
            expected = network(image)
            for what, run in tried.items():
                start = time.perf_counter()
                try:
                    differs = float((run(image) - expected).abs().max())
                except torch._inductor.exc.InductorError as problem:
                    rows.append((f"{what}: {str(problem).splitlines()[0][:60]}", *[""] * 4))
                    continue
                begun = time.perf_counter() - start
                cells = [f"{begun:.2f}"]
                for batch in (image, image.expand(8, -1, -1, -1).contiguous()):
                    times = []
                    for _ in range(5):
                        start = time.perf_counter()
                        run(batch)
                        times.append((time.perf_counter() - start) / len(batch))
                    cells.append(f"{min(times) * 1e3:.0f}")
                rows.append((what, *cells, f"{differs:.1g}"))
    return f"{game}\n" + markdown(("way", "first call s", "ms, one", "ms, of eight", "differs by"), rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--games", nargs="+", default=list(GAMES))
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--ways", action="store_true")
    told = parser.parse_args()
    rates = attainable()
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}; attainable {json.dumps(rates)}")
    if told.first:
        print(first(told.rounds))
    elif told.ways:
        print("\n\n".join(ways(game) for game in told.games))
    else:
        print(end_to_end(told.games, told.rounds, rates["fp32"]))


if __name__ == "__main__":
    main()
