"""A model in memory: images in, images out."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from math import isqrt
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from s2f_cli.core import images
from s2f_cli.core.errors import BundleError, ImageError, S2FError, first_line
from s2f_cli.inference import detail, exported, pixel_budget, tiling
from s2f_cli.inference.options import InferencePrecision, Size
from s2f_cli.models import bundle
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain, other
from s2f_cli.models.networks import Network, Stochastic
from s2f_cli.models.roles import Networks

Told = Mapping[str, str] | Sequence[Mapping[str, str]] | None
"""Values of conditions by name, for all images or for each; None stands for the defaults."""

BATCH_SIZE = 8
"""Images per batch where all have the size seen in training."""

_LONGEST = 16
"""Aspect ratio above which an image is enlarged less, so that it does not get too many pixels."""


def choose_device(name: str = "auto") -> torch.device:
    """Return the device called `cpu`, `cuda:1`, `mps` …; `auto` is the first GPU, or the CPU without one.

    Raises S2FError if the device cannot be used.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device(name)
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = first_line(error).rstrip(".")
        raise S2FError(f"the device {name!r} cannot be used: {reason}", "try --device cpu") from None
    return device


class Translator:
    """The networks of a model, and the card that says how to call them."""

    def __init__(
        self, networks: Networks, card: Card, device: str = "auto", precision: InferencePrecision = "fp32"
    ) -> None:
        self.card = card
        self.device = choose_device(device)
        self.dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        networks.to(self.device, self.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.networks = networks.eval()
        self.max_pixels = pixel_budget.single(self.device)
        """Pixels of an image that go through the networks at once; larger images are tiled."""

    @classmethod
    def open(cls, path: Path, device: str = "auto", precision: InferencePrecision = "fp32") -> "Translator":
        """Open a bundle, or an exported ONNX file.

        An ONNX file runs in ONNX Runtime with the precision it was exported with. Raises BundleError if the
        file is missing or damaged, S2FError if the device cannot be used.
        """
        if path.suffix == exported.ONNX:
            return cls(*exported.load(path, device), "cpu")
        return cls(*bundle.load(path), device, precision)

    @property
    def directions(self) -> tuple[Domain, ...]:
        """The domains it can translate to."""
        return tuple(self.networks.directions)

    def require(self, to: Domain) -> None:
        """Raise BundleError unless it can translate to the domain `to`."""
        if to not in self.directions:
            able = ", ".join(self.directions) or "nothing: it has no direction"
            instead = (
                " (this one can generate images from noise, with `s2f sample`)"
                if self.networks.samples
                else ""
            )
            raise BundleError(
                f"this {self.card.recipe.name} model cannot translate to {to}, only to {able}",
                f"choose another with --model, or train one that can{instead}",
            )

    def is_stochastic(self, to: Domain) -> bool:
        """Whether translating to a domain draws random numbers."""
        return any(isinstance(network, Stochastic) for network in self._chain(to))

    def squashes(self, to: Domain) -> bool:
        """Whether the model squashes images of any shape to a square of one size."""
        return self.card.recipe.image.fit == "squash" or self._has_fixed_size(to)

    def fit(self, image: Image.Image, domain: Domain) -> Image.Image:
        """Make an image the square seen in training, `L` if its domain has one channel, else `RGB`."""
        settings = self.card.recipe.image
        square = images.fit(image, settings.side(domain), settings.fit)
        return square.convert(images.mode_of(settings.channels[domain]))

    def translate(
        self,
        inputs: Sequence[Image.Image],
        to: Domain,
        size: Size = "native",
        *,
        seed: int = 0,
        mean: bool = False,
        conditions: Told = None,
        seen: Sequence[tuple[int, int]] | None = None,
    ) -> list[Image.Image]:
        """Translate images of the other domain to the domain `to`; the results are `L` or `RGB`, in order.

        | size     | the result                       | the network sees the whole image         |
        | -------- | -------------------------------- | ---------------------------------------- |
        | `native` | has the size of its input        | with its short side at the training size |
        | `full`   | has the size of its input        | at full resolution                       |
        | a number | has a short side of these pixels | at the size of the result                |
        | `model`  | is the square seen in training   | as the square seen in training           |

        A model with refinements sees the image no larger than in training, and adds detail up to the size of
        the result, unless `size` is `full`. `seen` replaces the sizes, (width, height), at which the network
        sees the images.

        Large images go through the network in overlapping tiles. A model that `squashes` sees a square in any
        case, and its result is resized.

        Random numbers depend on the seed only, so they are the same for every image; with `mean` a stochastic
        network returns its mean instead. `conditions` are those of `condition_vectors`. Raises BundleError if
        the model has no such direction, ImageError if an image would have more than `images.MAX_PIXELS`
        pixels, S2FError for conditions that the model does not have.
        """
        self.require(to)
        results: list[Image.Image] = []
        vectors = self.condition_vectors(conditions, len(inputs))

        def told(count: int) -> Tensor | None:
            """The conditions of the next images."""
            return None if vectors is None else vectors[len(results) : len(results) + count]

        seen = seen or [self.input_size(*image.size, to, size) for image in inputs]
        resized = (self._resize_input(*pair, size) for pair in zip(inputs, seen, strict=True))
        for (width, height), group in groupby(resized, key=lambda image: image.size):
            if width * height <= self.max_pixels or self.squashes(to):
                batch_size = max(self.pixel_budget(to) // (width * height), 1)
                for batch in _batches(list(group), batch_size):
                    results += self._run_batch(batch, to, seed, mean, told(len(batch)))
            else:
                for image in group:
                    results.append(self._run_tiled(image, to, seed, mean, told(1)))
        if size == "model":
            return results
        sizes = [
            image.size if isinstance(size, str) else images.short_side_size(image.size, size)
            for image in inputs
        ]
        return [
            self._enlarge(result, image, to, output_size, None if vectors is None else vectors[[number]])
            for number, (result, image, output_size) in enumerate(zip(results, inputs, sizes, strict=True))
        ]

    def condition_vectors(self, conditions: Told, count: int) -> Tensor | None:
        """The condition vectors (count, K) of images, on the model's device; None if it has no conditions.

        `conditions` are values by name, for all images or for each; conditions that are not named have their
        default. Raises S2FError as `Conditions.resolve`.
        """
        known = self.card.recipe.conditions
        if conditions is None or isinstance(conditions, Mapping):
            vectors = [known.vector(conditions)] * count
        else:
            vectors = [known.vector(values) for values in conditions]
        return torch.tensor(vectors, device=self.device, dtype=self.dtype) if known else None

    def input_size(self, width: int, height: int, to: Domain, size: Size = "native") -> tuple[int, int]:
        """The width and height at which the network sees an image, before padding.

        Raises ImageError if it would have more than `images.MAX_PIXELS` pixels.
        """
        side = self.card.recipe.image.side(other(to))
        if size == "model" or self.squashes(to):
            return side, side
        if size == "full":
            return width, height
        if size == "native":
            max_scale = max(side * (_LONGEST / (width * height)) ** 0.5, 1.0)
            scale = min(side / min(width, height), max_scale)
            return max(1, round(width * scale)), max(1, round(height * scale))
        result = images.short_side_size((width, height), size)
        if result[0] * result[1] > images.MAX_PIXELS:
            raise ImageError(
                f"at --size {size} the result has {result[0]}x{result[1]} pixels, more than "
                f"{images.MAX_PIXELS:,}",
                "choose a smaller --size",
            )
        refined = to in self.networks.refinements
        return images.short_side_size((width, height), min(size, side)) if refined else result

    def largest_face(self, to: Domain) -> int | None:
        """The width up to which faces gain detail, in pixels; None without refinements."""
        return detail.LARGEST_FACE if to in self.networks.refinements else None

    def pixel_budget(self, to: Domain) -> int:
        """Pixel budget of a batch in a direction. A single image may exceed it."""
        weights = (w.numel() for network in self._chain(to) for w in network.parameters())
        return pixel_budget.batch(self.device, sum(weights))

    def reconstruct(self, inputs: Sequence[Image.Image], of: Domain, seed: int = 0) -> list[Image.Image]:
        """Encode and decode images of a domain, as the squares seen in training.

        Raises BundleError if the model does not reconstruct the domain.
        """
        if of not in self.networks.reconstructions:
            raise BundleError(
                f"this {self.card.recipe.name} model does not reconstruct a {of}", "choose a vae-wgan model"
            )
        results: list[Image.Image] = []
        with torch.inference_mode(), seeded(seed):
            for batch in self.to_batch(inputs, of).split(BATCH_SIZE):
                results += self.to_images(self.networks.run_chain(self.networks.reconstructions[of], batch))
        return results

    def to_batch(self, inputs: Sequence[Image.Image], domain: Domain) -> Tensor:
        """Images of a domain as training saw them: (N, C, H, W) in [-1, 1], on the model's device."""
        channels = self.card.recipe.image.channels[domain]
        arrays = [images.to_array(self.fit(image, domain), channels) for image in inputs]
        return torch.from_numpy(np.stack(arrays)).to(self.device, self.dtype)

    def to_images(self, batch: Tensor) -> list[Image.Image]:
        """The images of a batch (N, C, H, W) in [-1, 1]."""
        return [images.from_array(image) for image in batch.float().cpu().numpy()]

    def _resize_input(self, image: Image.Image, seen: tuple[int, int], size: Size) -> Image.Image:
        """The image that the network sees, before padding."""
        if size == "model":
            return images.fit(image, seen[0], self.card.recipe.image.fit)
        return detail.resize(image, seen)

    def _enlarge(
        self,
        result: Image.Image,
        source: Image.Image,
        to: Domain,
        size: tuple[int, int],
        told: Tensor | None,
    ) -> Image.Image:
        """A translation at another size, with the detail of the source if the model has refinements."""
        if to not in self.networks.refinements:
            return detail.resize(result, size)
        recipe = self.card.recipe.image
        chain = self.networks.chain(self.networks.refinements[to])
        return detail.enlarge(
            result,
            source,
            size,
            lambda tile: self._refine(tile, to, told),
            channels=(recipe.channels[other(to)], recipe.channels[to]),
            tile=isqrt(self.max_pixels),
            multiple=max(network.multiple for network in chain),
        )

    @torch.inference_mode()
    def _refine(self, arrays: np.ndarray, to: Domain, told: Tensor | None) -> np.ndarray:
        """Add detail to translations, the last channels of (N, C, H, W), after those of the source."""
        batch = torch.from_numpy(arrays).to(self.device, self.dtype, memory_format=torch.channels_last)
        split = self.card.recipe.image.channels[other(to)]
        return self.networks.refine(batch[:, :split], batch[:, split:], to, told).float().cpu().numpy()

    def _run_batch(
        self, inputs: Sequence[Image.Image], to: Domain, seed: int, mean: bool, told: Tensor | None
    ) -> list[Image.Image]:
        """The results of images of one size, with conditions (N, K)."""
        channels = self.card.recipe.image.channels[other(to)]
        batch = np.stack([images.to_array(image, channels) for image in inputs])
        return [images.from_array(result) for result in self._run_networks(batch, to, seed, mean, told)]

    def _run_tiled(
        self, image: Image.Image, to: Domain, seed: int, mean: bool, told: Tensor | None
    ) -> Image.Image:
        return tiling.run_tiled(
            lambda tile: self._run_networks(tile, to, seed, mean, told),
            [(image, self.card.recipe.image.channels[other(to)])],
            tile=isqrt(self.max_pixels),
            multiple=self._multiple(to),
        )

    @torch.inference_mode()
    def _run_networks(
        self, arrays: np.ndarray, to: Domain, seed: int, mean: bool, told: Tensor | None
    ) -> np.ndarray:
        """Run (N, C, H, W) in [-1, 1] through the networks, padded to a multiple and cropped again."""
        batch = torch.from_numpy(arrays).to(self.device, self.dtype, memory_format=torch.channels_last)
        height, width = batch.shape[2:]
        fixed = self._has_fixed_size(to)
        with seeded(seed):
            padded = batch if fixed else _pad(batch, self._multiple(to))
            result = self.networks.translate(padded, to, told, mean=mean)
        return (result if fixed else result[..., :height, :width]).float().cpu().numpy()

    def _has_fixed_size(self, to: Domain) -> bool:
        """Whether a network of a direction takes images of one size only."""
        return any(network.size for network in self._chain(to))

    def _multiple(self, to: Domain) -> int:
        return max(network.multiple for network in self._chain(to))

    def _chain(self, to: Domain) -> list[Network]:
        return self.networks.chain(self.networks.directions[to])


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's random numbers, and restore their state on the CPU and on CUDA devices afterwards."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def _pad(batch: Tensor, multiple: int) -> Tensor:
    """Extend height and width to multiples of `multiple`, by repeating the bottom and right edges."""
    down, right = (-batch.shape[2] % multiple, -batch.shape[3] % multiple)
    return F.pad(batch, (0, right, 0, down), mode="replicate") if down or right else batch


def _batches(inputs: list[Image.Image], size: int) -> Iterator[list[Image.Image]]:
    for start in range(0, len(inputs), size):
        yield inputs[start : start + size]
