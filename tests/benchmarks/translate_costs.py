"""Measure what translating with a shipped model costs a whole process, beside an earlier version of s2f.

Run by hand, on Linux:

    translate_costs.py --before CHECKOUT [--rounds 3] [--requests 1000]

Prints processor seconds and peak memory of each process, imports included, as the median of the rounds; the
versions alternate. The rows are a crop of 256×256 pixels, a photo of 512×512 whose face is found and pasted
back, 64 crops beside a plain loop in PyTorch (open, translate in float32, save), and the server until it
answers and after many requests. With OMP_NUM_THREADS=1 a process computes in one thread. To let PyTorch use
only AVX2, set ONEDNN_MAX_CPU_ISA=AVX2 and ATEN_CPU_CAPABILITY=avx2; ONNX Runtime has no such switch.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import httpx
from PIL import Image
from skimage import data

from s2f_cli.cli.console import markdown

HERE = Path(__file__).parents[2]
CROPS = 64
SIDE = 256
PLAIN = """
import sys, numpy, torch
from pathlib import Path
from PIL import Image
from s2f_cli.models import bundle, zoo
networks, card = bundle.load(zoo.find("face-to-sketch").path)
conditions = torch.tensor([card.recipe.conditions.vector()])
networks.to(memory_format=torch.channels_last)
for file in sorted(Path(sys.argv[1]).iterdir()):
    image = Image.open(file).convert("RGB")
    batch = torch.from_numpy(numpy.asarray(image, numpy.float32).transpose(2, 0, 1)[None] / 127.5 - 1)
    with torch.inference_mode():
        result = networks.translate(batch, "sketch", conditions)[0, 0]
    levels = ((result.numpy().clip(-1, 1) + 1) * 127.5).round().astype(numpy.uint8)
    Image.fromarray(levels).save(Path(sys.argv[2], file.name))
"""


class Cost(NamedTuple):
    """What a process used."""

    seconds: float
    """Processor seconds."""
    megabytes: float
    """Peak memory."""


def cost(arguments: list[str], checkout: Path) -> Cost:
    """Run Python with a checkout of s2f; raises CalledProcessError if it fails."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def serving(checkout: Path, photo: bytes, requests: int) -> tuple[Cost, Cost]:
    """The server when it is ready, and after some requests; the memory is what it holds then."""
    words = ["-m", "s2f_cli", "serve", "--port", "0", "--device", "cpu"]
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        while not (address := re.search(r"s2f is at (\S+)", process.stderr.readline())):
            if process.poll() is not None:
                raise SystemExit("the server did not start")
        ready = _used(process.pid)
        with httpx.Client(timeout=120) as client:
            for _ in range(requests):
                answer = client.post(
                    f"{address[1]}translate?to=sketch&align=none", files={"image": ("photo.png", photo)}
                )
                answer.raise_for_status()
        return ready, _used(process.pid)
    finally:
        process.terminate()
        process.wait()


def _used(pid: int) -> Cost:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    resident = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert resident
    return Cost(ticks / os.sysconf("SC_CLK_TCK"), int(resident[1]) / 1024)


def row(name: str, before: list[Cost], now: list[Cost]) -> tuple[str, ...]:
    """A row of the table: medians, and their ratio."""
    first, second = (Cost(*map(statistics.median, zip(*costs, strict=True))) for costs in (before, now))
    return (
        name,
        f"{first.seconds:.2f}",
        f"{second.seconds:.2f}",
        f"{second.seconds / first.seconds:.2f}",
        f"{first.megabytes:.0f}",
        f"{second.megabytes:.0f}",
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=1000)
    options = parser.parse_args()
    versions = options.before.resolve(), HERE
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo, crop, crops, results = (
            folder / word for word in ("photo.png", "crop.png", "crops", "results")
        )
        astronaut = Image.fromarray(data.astronaut())
        astronaut.save(photo)
        astronaut.crop((64, 0, 448, 384)).resize((SIDE, SIDE)).save(crop)
        for path in (crops, results):
            path.mkdir()
        for number in range(CROPS):
            turned = astronaut.rotate(number, Image.Resampling.BICUBIC)
            turned.crop((64, 0, 448, 384)).resize((SIDE, SIDE)).save(crops / f"{number:02}.png")
        words = ["-m", "s2f_cli", "translate", "--to", "sketch", "--model", "face-to-sketch"]
        words += ["--device", "cpu", "--overwrite"]
        first = [*words, str(crop), "-o", str(folder / "sketch.png"), "--no-align"]
        whole = [*words, str(photo), "-o", str(folder / "sketch.png")]
        many = [*words, str(crops), "-o", str(results), "--no-align"]
        plain = ["-c", PLAIN, str(crops), str(results)]
        rows = []
        for label, commands in {
            "first crop": (first, first),
            "first photo, face found and pasted back": (whole, whole),
            f"{CROPS} crops (before: the plain loop)": (plain, many),
        }.items():
            costs: tuple[list[Cost], list[Cost]] = ([], [])
            for _ in range(options.rounds):
                for version, command, found in zip(versions, commands, costs, strict=True):
                    found.append(cost(command, HERE if command is plain else version))
            rows.append(row(label, *costs))
            print(rows[-1], flush=True)
        served = [serving(version, crop.read_bytes(), options.requests) for version in versions]
        for number, label in enumerate(("server, ready", f"server, after {options.requests} requests")):
            rows.append(row(label, *([pair[number]] for pair in served)))
    columns = ("what", "before s", "now s", "ratio", "before MB", "now MB")
    print(markdown(columns, rows))


if __name__ == "__main__":
    main()
