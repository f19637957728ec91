"""Images that a model draws at random: out of noise, of one input again and again, on the way between two."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from s2f_cli.core import contact_sheet, images
from s2f_cli.core.errors import BundleError
from s2f_cli.core.images import Domain, other
from s2f_cli.data.manifest import Entry, Manifest
from s2f_cli.inference.translator import BATCH, Translator, seeded
from s2f_cli.models.networks import Stochastic


class Variances(NamedTuple):
    """How much images differ, as the mean variance of a pixel in [-1, 1] (report A §4.2, figure 10)."""

    over_samples: float
    """Between samples of one input."""
    over_inputs: float
    """Between inputs, drawn with the same noise."""


@torch.inference_mode()
def sample(translator: Translator, to: Domain, count: int, seed: int = 0) -> list[Image.Image]:
    """Images of a domain out of N(0, 1) noise; the first ones do not depend on the count.

    Raises BundleError when the model makes none of that domain.
    """
    nets = translator.networks
    if to not in nets.samples:
        able = ", ".join(nets.samples) or "nothing"
        raise BundleError(
            f"this {translator.card.recipe.name} model makes no {to} out of noise, only {able}",
            "choose another with --model: dcgan, wgan, vae-wgan and the cyclegan-vae recipes can",
        )
    generator = torch.Generator().manual_seed(seed)
    noise = torch.cat([nets.noise(1, to, generator) for _ in range(count)]).to(translator.device)
    made: list[Image.Image] = []
    with seeded(seed):
        for codes in noise.split(BATCH):
            made += translator.to_images(nets.run_chain(nets.samples[to], codes))
    return made


@torch.inference_mode()
def between(
    translator: Translator, first: Image.Image, last: Image.Image, to: Domain, count: int
) -> list[Image.Image]:
    """`count` images of a domain whose codes lie evenly on the line between those of two inputs, ends
    included.

    The inputs are of the other domain where the model translates, of the same one where it reconstructs.

    Raises BundleError when the model has no code in its middle.
    """
    nets = translator.networks
    chain = nets.directions.get(to) or nets.reconstructions.get(to, ())
    source = other(to) if to in nets.directions else to
    middle = next((place for place, role in enumerate(chain) if isinstance(nets[role], Stochastic)), None)
    if middle is None:
        raise BundleError(
            f"this {translator.card.recipe.name} model has no code between its input and a {to}",
            "choose one with --model that draws from a code, such as cyclegan-vae",
        )
    ends = translator.to_batch([first, last], source)
    start, end = nets.run_chain(chain[: middle + 1], ends, mean=True)
    codes = torch.stack([torch.lerp(start, end, share) for share in np.linspace(0, 1, count).tolist()])
    made: list[Image.Image] = []
    for part in codes.split(BATCH):
        made += translator.to_images(nets.run_chain(chain[middle + 1 :], part))
    return made


def variances(rows: Sequence[Sequence[Image.Image]]) -> Variances:
    """Of a grid of images of one size: rows are inputs, columns samples with the same noise."""
    grid = np.stack([[np.asarray(image, dtype=np.float64) for image in row] for row in rows]) / 127.5 - 1
    return Variances(float(grid.var(axis=1).mean()), float(grid.var(axis=0).mean()))


def sample_sheet(translator: Translator, manifest: Manifest, people: int) -> Image.Image:
    """What a model makes of the first people of the test split: the same ones each time, at the model's size.

    Of the train split where nobody is tested. Input, result and truth of each direction, input and result of
    each reconstruction, and images out of noise.
    """
    columns: dict[str, list[Image.Image]] = {}
    for to in translator.directions:
        if shown := _first(manifest, other(to), people):
            inputs = _read(manifest, shown, other(to))
            columns[other(to)] = [translator.fit(image, other(to)) for image in inputs]
            columns[f"{to}, made"] = translator.translate(inputs, to, size="model")
            if all(to in entry.files for entry in shown):
                columns[f"{to}, true"] = [translator.fit(image, to) for image in _read(manifest, shown, to)]
    for of in translator.networks.reconstructions:
        if shown := _first(manifest, of, people):
            inputs = _read(manifest, shown, of)
            columns[of] = [translator.fit(image, of) for image in inputs]
            columns[f"{of}, again"] = translator.reconstruct(inputs, of)
    for to in translator.networks.samples:
        columns[f"{to}, of noise"] = sample(translator, to, people)
    rows = max(map(len, columns.values()))
    blank = Image.new("L", (1, 1), "white")
    grid = [[(column[row : row + 1] or [blank])[0] for column in columns.values()] for row in range(rows)]
    return contact_sheet.grid(grid, list(columns))


def _first(manifest: Manifest, domain: Domain, people: int) -> list[Entry]:
    return list((manifest.having("test", domain) or manifest.having("train", domain))[:people])


def _read(manifest: Manifest, entries: list[Entry], domain: Domain) -> list[Image.Image]:
    return [images.read(manifest.path(entry, domain)) for entry in entries]
