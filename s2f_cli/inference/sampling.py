"""Generate images from noise, interpolate between two images, draw sample sheets."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from s2f_cli.core import contact_sheet, images
from s2f_cli.core.errors import BundleError
from s2f_cli.data.manifest import Entry, Manifest
from s2f_cli.inference.conditions import of_entry
from s2f_cli.inference.torch_engine import TorchEngine, seeded
from s2f_cli.inference.translator import BATCH_SIZE, Translator, to_images
from s2f_cli.models.domains import Domain, other
from s2f_cli.models.networks import Stochastic
from s2f_cli.models.roles import append_conditions


@torch.inference_mode()
def sample(translator: Translator, to: Domain, count: int, seed: int = 0) -> list[Image.Image]:
    """Generate images of a domain from N(0, 1) noise; each depends on the seed and its index only.

    Raises BundleError if the model cannot generate the domain from noise.
    """
    engine = _in_torch(translator)
    networks, device = engine.networks, engine.device
    if to not in networks.samples:
        able = f", only a {' and a '.join(networks.samples)}" if networks.samples else ""
        raise BundleError(
            f"this {translator.card.recipe.name} model cannot generate a {to} from noise{able}",
            "use --model with a model of dcgan, wgan, vae-wgan or a cyclegan-vae recipe",
        )
    generator = torch.Generator().manual_seed(seed)
    noise = torch.cat([networks.noise(1, to, generator) for _ in range(count)]).to(device)
    results: list[Image.Image] = []
    with seeded(seed):
        for codes in noise.split(BATCH_SIZE):
            results += _images(networks.run_chain(networks.samples[to], codes))
    return results


@torch.inference_mode()
def interpolate(
    translator: Translator, first: Image.Image, last: Image.Image, to: Domain, count: int
) -> list[Image.Image]:
    """Interpolate between two images in latent space.

    Returns `count` images of the domain `to`, whose codes are evenly spaced between those of the inputs, ends
    included. The inputs are of the other domain if the model translates to `to`, else of the domain that it
    reconstructs.

    Raises BundleError if the model has no latent code.
    """
    engine = _in_torch(translator)
    networks, device = engine.networks, engine.device
    chain = networks.directions.get(to) or networks.reconstructions.get(to, ())
    source = other(to) if to in networks.directions else to
    latent = next((index for index, role in enumerate(chain) if isinstance(networks[role], Stochastic)), None)
    if latent is None:
        raise BundleError(
            f"this {translator.card.recipe.name} model has no latent code between its input and a {to}",
            "use --model with a model that has one, such as cyclegan-vae",
        )
    inputs = torch.from_numpy(translator.to_batch([first, last], source)).to(device)
    vectors = translator.condition_vectors(None, len(inputs)) if to in networks.directions else None
    if vectors is not None:
        inputs = append_conditions(inputs, torch.from_numpy(vectors).to(device))
    start, end = networks.run_chain(chain[: latent + 1], inputs, mean=True)
    codes = torch.stack([torch.lerp(start, end, weight) for weight in np.linspace(0, 1, count).tolist()])
    results: list[Image.Image] = []
    for batch in codes.split(BATCH_SIZE):
        results += _images(networks.run_chain(chain[latent + 1 :], batch))
    return results


def _in_torch(translator: Translator) -> TorchEngine:
    """The engine of a translator; raises BundleError if it is not PyTorch."""
    if not isinstance(translator.engine, TorchEngine):
        raise BundleError(
            f"this {translator.card.recipe.name} model runs in ONNX Runtime, which cannot do this",
            "open its bundle with the engine torch",
        )
    return translator.engine


def _images(batch: Tensor) -> list[Image.Image]:
    return to_images(batch.float().cpu().numpy())


def sample_sheet(translator: Translator, manifest: Manifest, people: int) -> Image.Image:
    """Draw a contact sheet of the first people of the test split, else of the train split.

    Images have the training size, and each person's own conditions. The columns are input, result and ground
    truth of each direction, input and result of each reconstruction, and images from noise.
    """
    columns: dict[str, list[Image.Image]] = {}
    for to in translator.directions:
        if entries := _first(manifest, other(to), people):
            inputs = _read(manifest, entries, other(to))
            columns[other(to)] = [translator.fit(image, other(to)) for image in inputs]
            given = [of_entry(manifest, entry, translator.card.recipe.conditions) for entry in entries]
            columns[f"{to}, result"] = translator.translate(inputs, to, size="model", conditions=given)
            if all(to in entry.files for entry in entries):
                columns[f"{to}, real"] = [translator.fit(image, to) for image in _read(manifest, entries, to)]
    for domain in translator.engine.domains("reconstructions"):
        if entries := _first(manifest, domain, people):
            inputs = _read(manifest, entries, domain)
            columns[domain] = [translator.fit(image, domain) for image in inputs]
            columns[f"{domain}, decoded"] = translator.reconstruct(inputs, domain)
    for to in translator.engine.domains("samples"):
        columns[f"{to}, from noise"] = sample(translator, to, people)
    rows = max(map(len, columns.values()))
    blank = Image.new("L", (1, 1), "white")
    grid = [[(column[row : row + 1] or [blank])[0] for column in columns.values()] for row in range(rows)]
    return contact_sheet.grid(grid, list(columns))


def _first(manifest: Manifest, domain: Domain, people: int) -> list[Entry]:
    return list((manifest.having("test", domain) or manifest.having("train", domain))[:people])


def _read(manifest: Manifest, entries: list[Entry], domain: Domain) -> list[Image.Image]:
    return [images.read(manifest.path(entry, domain)) for entry in entries]
