"""Measure augmented images per second: 256 pixels, from memory, ready for a network, on one thread.

    python tests/benchmarks/augmentation_speed.py
    python tests/benchmarks/augmentation_speed.py --before CHECKOUT

Images are 64 drawn faces of 256×320 and gray copies; each part is measured on the domain that it changes. A
figure is the best of four rounds, each in its own process, in processor time. `--before` alternates with
another checkout of s2f. `--device cuda` augments on the GPU, and measures elapsed time.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parents[2]
FACES = ("nothing", "flip", "dihedral", "jitter", "camera")
PARTS = {**dict.fromkeys(FACES, "face"), "paper": "sketch"}
CHANNELS = {"face": 3, "sketch": 1}
SIZES = (4, 64)
IMAGES = 64


def prepare(folder):
    """A data set of drawn faces and their gray copies."""
    from s2f_cli.data.drawn_faces import draw, looks
    from s2f_cli.data.manifest import Entry, Header, to_line, write_lines

    entries = []
    for number in range(IMAGES):
        face = draw(looks(0, number)).convert("RGB").resize((256, 320))
        files = {domain: f"{domain}-{number}.png" for domain in ("face", "sketch")}
        face.save(folder / files["face"])
        face.convert("L").save(folder / files["sketch"])
        hashes = dict.fromkeys(files, "")
        entries.append(
            Entry(name=str(number), split="train", identity=str(number), files=files, sha256=hashes)
        )
    write_lines(folder, Header(source="drawn"), map(to_line, entries))


def batches_of(manifest, domain, batch_size, augmentations):
    """Batches of one domain, built with the signature of the imported checkout."""
    from s2f_cli.training import batches

    options = {
        "batch_size": batch_size,
        "fit": "crop",
        "pairing": "unpaired",
        "channels": {domain: CHANNELS[domain]},
    }
    if hasattr(batches, "BatchSettings"):
        settings = batches.BatchSettings(**options, sides={domain: 256}, augmentations=augmentations)
        return batches.Batches(manifest, settings)
    return batches.Batches(manifest, "train", **options, size=256, domains=(domain,), augment=augmentations)


def rates(folder, device):
    """Images per second by part and batch size, for the imported s2f."""
    import torch

    from s2f_cli.core import registry
    from s2f_cli.data.manifest import Manifest
    from s2f_cli.training import allocator

    torch.set_num_threads(1)
    allocator.keep_freed_memory()
    device_arguments = [torch.device(device)] if device != "cpu" else []
    rates_by_case = {}
    for part, domain in PARTS.items():
        augment = [] if part == "nothing" else [registry.find("augmentations", part)()]
        for size in SIZES:
            batches = batches_of(Manifest.read(folder), domain, size, augment)
            for step in range(batches.epoch_images // size):
                batches.at(step, *device_arguments)
            steps = range(128 // size)
            clock = time.perf_counter if device_arguments else time.process_time
            start = clock()
            for step in steps:
                float(batches.at(step, *device_arguments)[domain].sum())
            rates_by_case[f"{part} {size}"] = len(steps) * size / (clock() - start)
    return rates_by_case


def main():
    """Print the table, in Markdown."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--before", type=Path)
    options.add_argument("--device", default="cpu")
    options.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.measure:
        print(json.dumps(rates(arguments.measure, arguments.device)))
        return
    sides = {"before": arguments.before, "images/s": HERE} if arguments.before else {"images/s": HERE}
    best = {side: {} for side in sides}
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        for _ in range(4):
            for side, checkout in sides.items():
                command = [sys.executable, __file__, "--measure", folder, "--device", arguments.device]
                environment = {**os.environ, "PYTHONPATH": str(checkout.resolve()), "OMP_NUM_THREADS": "1"}
                measured = json.loads(subprocess.check_output(command, env=environment))
                best[side] = {name: max(rate, best[side].get(name, 0)) for name, rate in measured.items()}
    print(f"| part | batch | {' | '.join(sides)} |\n| --- | ---: |{' ---: |' * len(sides)}")
    for name in best["images/s"]:
        part, size = name.split()
        print(f"| {part} | {size} | {' | '.join(f'{best[side][name]:.0f}' for side in sides)} |")


if __name__ == "__main__":
    main()
