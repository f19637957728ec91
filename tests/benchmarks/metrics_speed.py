"""Time `s2f evaluate` and comparable tools: whole commands over files, including start-up and decoding.

    python tests/benchmarks/metrics_speed.py draw FOLDER --pairs 1000
    python tests/benchmarks/metrics_speed.py ssim FOLDER
    python tests/benchmarks/metrics_speed.py pairs FOLDER --pairs 500
    python tests/benchmarks/metrics_speed.py fid FOLDER --pairs 500

`draw` draws faces of 256 pixels and noisy copies of them. `ssim` compares SSIM with scikit-image. `pairs`
compares SSIM, MS-SSIM, FSIM and SCOOT with piq, which computes only MS-SSIM and FSIM, in batches of 8. `fid`
compares the FID of the first `--pairs` with pytorch-fid's own command, both with the same random weights. The
peers take minutes; `--pairs` limits them to the first pairs.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
import random_weights

SIDES = ("generated", "reference")
PYTORCH_FID = "import s2f_cli.core.torchvision_import; from pytorch_fid.fid_score import main; main()"
"""pytorch-fid's command, after an import that lets torchvision work with a torch of another build."""


def draw(folder, count):
    """Draw faces, and noisy copies of them."""
    from s2f_cli.data.drawn_faces import draw as draw_face
    from s2f_cli.data.drawn_faces import looks

    noise = np.random.default_rng(0)
    for side in SIDES:
        (folder / side).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        face = draw_face(looks(0, number)).convert("RGB")
        face.save(folder / "reference" / f"{number:04}.png")
        levels = np.asarray(face) + noise.normal(0, 12, (face.height, face.width, 3))
        Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(folder / "generated" / f"{number:04}.png")


def _pairs(folder, count):
    for file in sorted((folder / "reference").iterdir())[:count]:
        yield [np.asarray(Image.open(folder / side / file.name)) for side in SIDES]


def scikit_image(folder, count):
    """The paper's SSIM of each pair."""
    from skimage.metrics import structural_similarity

    for generated, reference in _pairs(folder, count):
        structural_similarity(
            generated, reference, channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5,
            use_sample_covariance=False,
        )  # fmt: skip


def piq(folder, count):
    """MS-SSIM and FSIM in batches of 8."""
    import torch

    from s2f_cli.core.torchvision_import import torchvision

    assert torchvision
    import piq

    pairs = list(_pairs(folder, count))
    with torch.inference_mode():
        for start in range(0, len(pairs), 8):
            batch = torch.tensor(np.array(pairs[start : start + 8])).permute(1, 0, 4, 2, 3).float() / 255
            piq.multi_scale_ssim(*batch, data_range=1.0)
            piq.fsim(*batch, data_range=1.0, chromatic=False)


def seconds(*command, **environment):
    """Run a command; returns its duration and stdout."""
    start = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, *map(str, command)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - start, ended.stdout


def show(work, count, unit, ours, peer_name, peer_count, peer):
    """Print a row of the table."""
    mine, theirs = count / ours, peer_count / peer
    theirs_of = f"{peer_name}, {peer_count}" if peer_count != count else peer_name
    print(
        f"| {work} | {count} {unit} | {mine:.1f} | {theirs_of} | {theirs:.1f} | {mine / theirs:.2f} |",
        flush=True,
    )


def measure_pairs(folder, works, peer, peer_name, peer_count, cache):
    """Time metrics of all pairs, and a peer's of the first `peer_count`."""
    count = len(list((folder / "reference").iterdir()))
    theirs, _ = seconds(__file__, peer, folder, "--pairs", peer_count)
    for metrics in works:
        sides = (f"--{side}={folder / side}" for side in SIDES)
        ours, _ = seconds("-m", "s2f_cli", "evaluate", *sides, "--metric", metrics, "--json", S2F_CACHE=cache)
        show(metrics.replace(",", " + "), count, "pairs", ours, peer_name, min(peer_count, count), theirs)


def measure_fid(folder, count, cache):
    """Time the FID of the first `count` pairs, and pytorch-fid's command."""
    sides = [Path(cache) / side for side in SIDES]
    for side in sides:
        side.mkdir()
        for file in sorted((folder / side.name).iterdir())[:count]:
            shutil.copy(file, side)
    random_weights.write(Path(cache) / "hub")
    theirs, printed = seconds("-c", PYTORCH_FID, *sides, "--device", "cpu", TORCH_HOME=cache)
    command = ("--generated", sides[0], "--reference", sides[1], "--metric", "fid", "--json")
    ours, document = seconds("-m", "s2f_cli", "evaluate", *command, TORCH_HOME=cache, S2F_CACHE=cache)
    again, _ = seconds("-m", "s2f_cli", "evaluate", *command, TORCH_HOME=cache, S2F_CACHE=cache)
    show("FID", 2 * count, "images", ours, "pytorch-fid", 2 * count, theirs)
    show("FID once more, features cached", 2 * count, "images", again, "pytorch-fid", 2 * count, theirs)
    own = json.loads(document)["results"][0]["scores"]["fid"]["value"]
    print(f"\n{printed.strip()} by pytorch-fid; {own} by s2f", file=sys.stderr)


def main():
    """Draw the pairs, or print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("work", choices=["draw", "ssim", "pairs", "fid", "scikit_image", "piq"])
    options.add_argument("folder", type=Path)
    options.add_argument("--pairs", type=int, default=1000)
    arguments = options.parse_args()
    if arguments.work in ("scikit_image", "piq"):
        return {"scikit_image": scikit_image, "piq": piq}[arguments.work](arguments.folder, arguments.pairs)
    if arguments.work == "draw":
        return draw(arguments.folder, arguments.pairs)
    print(f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    print("| work | of | s2f /s | peer | peer /s | faster by |\n| --- | ---: | ---: | --- | ---: | ---: |")
    with tempfile.TemporaryDirectory() as cache:
        if arguments.work == "ssim":
            return measure_pairs(
                arguments.folder, "ssim", "scikit_image", "scikit-image, ssim", arguments.pairs, cache
            )
        if arguments.work == "pairs":
            works = ["ms_ssim,fsim", "ssim,ms_ssim,fsim,scoot"]
            return measure_pairs(
                arguments.folder, works, "piq", "piq, ms_ssim + fsim", arguments.pairs, cache
            )
        return measure_fid(arguments.folder, arguments.pairs, cache)


if __name__ == "__main__":
    main()
