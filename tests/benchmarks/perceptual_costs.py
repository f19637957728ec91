"""Time the losses that compare features of pretrained networks. Run by hand:

    OMP_NUM_THREADS=1 python tests/benchmarks/perceptual_costs.py [--batch 4] [--sizes 192 256] [--repeats 5]

Prints the table of `docs/performance.md`: seconds of a forward and a backward pass of each loss for a batch.
The time is processor time of all threads, and the median of the repeats, after one that is not counted.
bf16 has columns where the processor has instructions for it. Weights are random: they cost the same as
trained ones, and need no download. The photo is scikit-image's astronaut.
"""

import argparse
import time
from collections.abc import Iterator
from statistics import median

import torch
from skimage import data
from torch import Tensor, nn
from torch.nn.functional import interpolate

from s2f_cli.cli.console import markdown
from s2f_cli.core.processor import native_bf16
from s2f_cli.training.losses.contextual import Contextual
from s2f_cli.training.losses.identity import Identity
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.perceptual import Perceptual
from s2f_cli.training.losses.ssim_l1 import SSIMandL1


def losses() -> Iterator[tuple[str, nn.Module]]:
    """The losses by name; Perceptual with the maps that it compares by default, and with fewer."""
    yield "l1", L1()
    yield "ssim_l1", SSIMandL1()
    yield "vgg16 to relu4_3", Perceptual("random")
    yield "vgg16 to relu3_3", Perceptual("random", layers=["relu1_2", "relu2_2", "relu3_3"])
    yield "efficientnet_lite0", Perceptual("random", "efficientnet_lite0")
    yield "dlib_face", Perceptual("random", "dlib_face")
    yield "dlib_face, shift 1", Perceptual("random", "dlib_face", shift=1)
    yield "contextual, dlib_face", Contextual("random")
    yield "identity", Identity("random")


def seconds(loss: nn.Module, image: Tensor, precision: str, repeats: int) -> float:
    """Median processor time of the loss and its gradient."""
    times = []
    for _ in range(repeats + 1):
        prediction = (image + 0.1 * torch.randn_like(image)).requires_grad_()
        start = time.process_time()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            value = loss(prediction, image)
        value.backward()
        times.append(time.process_time() - start)
    return median(times[1:])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--sizes", type=int, nargs="+", default=[192, 256])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    photo = torch.from_numpy(data.astronaut()[:256, 96:352].copy()).permute(2, 0, 1)[None] / 127.5 - 1
    precisions = ("fp32", "bf16") if native_bf16() else ("fp32",)
    columns = [(size, precision) for size in arguments.sizes for precision in precisions]
    rows = []
    for name, loss in losses():
        row = [name]
        for size, precision in columns:
            images = interpolate(photo, size=size, mode="bilinear").expand(arguments.batch, -1, -1, -1)
            row.append(f"{seconds(loss, images.contiguous(), precision, arguments.repeats):.3f}")
        rows.append(row)
    print(markdown(["loss", *(f"{size}, {precision}" for size, precision in columns)], rows))


if __name__ == "__main__":
    main()
