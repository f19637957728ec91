"""A model in memory: images in, images out."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import isqrt
from pathlib import Path

import numpy as np
from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import BundleError
from s2f_cli.inference import detail, engines, pixel_budget, tiling
from s2f_cli.inference.engine import Array, Engine, EngineChoice
from s2f_cli.inference.input_sizes import InputSizes
from s2f_cli.inference.options import InferencePrecision, Size
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain, other

Given = Mapping[str, str] | Sequence[Mapping[str, str]] | None
"""Values of conditions by name, for all images or for each; None stands for the defaults."""

BATCH_SIZE = 8
"""Images per batch where all have the size seen in training."""


class Translator:
    """A model, which an engine runs, and the card that says how to call it."""

    def __init__(self, engine: Engine, card: Card) -> None:
        self.engine = engine
        self.card = card
        self.max_pixels = pixel_budget.single(engine.device, engine.free_memory())
        """Pixels of an image that go through the networks at once; larger images are tiled."""

    @classmethod
    def open(
        cls,
        path: Path,
        device: str = "auto",
        precision: InferencePrecision = "fp32",
        engine: EngineChoice = "auto",
        threads: int | None = None,
    ) -> "Translator":
        """Open a bundle, or an exported ONNX file, as `engines.open_engine`, which says what it raises."""
        return cls(*engines.open_engine(path, device, precision, engine, threads))

    @property
    def directions(self) -> tuple[Domain, ...]:
        """The domains it can translate to."""
        return self.engine.domains("directions")

    def require(self, to: Domain) -> None:
        """Raise BundleError unless it can translate to the domain `to`."""
        if to not in self.directions:
            able = ", ".join(self.directions) or "nothing: it has no direction"
            instead = (
                " (this one can generate images from noise, with `s2f sample`)"
                if self.engine.domains("samples")
                else ""
            )
            raise BundleError(
                f"this {self.card.recipe.name} model cannot translate to {to}, only to {able}",
                f"choose another with --model, or train one that can{instead}",
            )

    def is_stochastic(self, to: Domain) -> bool:
        """Whether translating to a domain draws random numbers."""
        return self.engine.traits("directions", to).stochastic

    def squashes(self, to: Domain) -> bool:
        """Whether the model squashes images of any shape to a square of one size."""
        fixed = self.engine.traits("directions", to).size is not None
        return self.card.recipe.image.fit == "squash" or fixed

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
        conditions: Given = None,
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

        def given(count: int) -> Array | None:
            """The conditions of the next images."""
            return None if vectors is None else vectors[len(results) : len(results) + count]

        seen = seen or [self.input_size(*image.size, to, size) for image in inputs]
        resized = (self._resize_input(*pair, size) for pair in zip(inputs, seen, strict=True))
        for (width, height), group in groupby(resized, key=lambda image: image.size):
            if width * height <= self.max_pixels or self.squashes(to):
                batch_size = max(self.pixel_budget(to) // (width * height), 1)
                for batch in _batches(list(group), batch_size):
                    results += self._run_batch(batch, to, seed, mean, given(len(batch)))
            else:
                for image in group:
                    results.append(self._run_tiled(image, to, seed, mean, given(1)))
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

    def condition_vectors(self, conditions: Given, count: int) -> Array | None:
        """The condition vectors (count, K) of images; None if the model has no conditions.

        `conditions` are values by name, for all images or for each; conditions that are not named have their
        default. Raises S2FError as `Conditions.resolve`.
        """
        known = self.card.recipe.conditions
        if conditions is None or isinstance(conditions, Mapping):
            vectors = [known.vector(conditions)] * count
        else:
            vectors = [known.vector(values) for values in conditions]
        return np.array(vectors, np.float32).reshape(count, known.width) if known else None

    def input_size(self, width: int, height: int, to: Domain, size: Size = "native") -> tuple[int, int]:
        """The width and height at which the network sees an image, before padding.

        Raises ImageError if it would have more than `images.MAX_PIXELS` pixels.
        """
        side = self.card.recipe.image.side(other(to))
        return InputSizes(side, self.squashes(to), self._refines(to)).input_size(width, height, size)

    def largest_face(self, to: Domain) -> int | None:
        """The width up to which faces gain detail, in pixels; None without refinements."""
        return detail.LARGEST_FACE if self._refines(to) else None

    def pixel_budget(self, to: Domain) -> int:
        """Pixel budget of a batch in a direction. A single image may exceed it."""
        weights = self.engine.traits("directions", to).weights
        engine = self.engine
        return pixel_budget.batch(engine.device, engine.free_memory(), weights, engine.parallel)

    def reconstruct(self, inputs: Sequence[Image.Image], of: Domain, seed: int = 0) -> list[Image.Image]:
        """Encode and decode images of a domain, as the squares seen in training.

        Raises BundleError if the model does not reconstruct the domain.
        """
        if of not in self.engine.domains("reconstructions"):
            raise BundleError(
                f"this {self.card.recipe.name} model does not reconstruct a {of}", "choose a vae-wgan model"
            )
        batch = self.to_batch(inputs, of)
        results: list[Image.Image] = []
        for start in range(0, len(batch), BATCH_SIZE):
            results += to_images(
                self.engine.run("reconstructions", of, batch[start : start + BATCH_SIZE], seed=seed)
            )
        return results

    def to_batch(self, inputs: Sequence[Image.Image], domain: Domain) -> Array:
        """Images of a domain as training saw them: (N, C, H, W) in [-1, 1]."""
        channels = self.card.recipe.image.channels[domain]
        return np.stack([images.to_array(self.fit(image, domain), channels) for image in inputs])

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
        given: Array | None,
    ) -> Image.Image:
        """A translation at another size, with the detail of the source if the model has refinements."""
        if not self._refines(to):
            return detail.resize(result, size)
        recipe = self.card.recipe.image
        return detail.enlarge(
            result,
            source,
            size,
            lambda tile: self.engine.run("refinements", to, tile, given),
            channels=(recipe.channels[other(to)], recipe.channels[to]),
            tile=isqrt(self.max_pixels),
            multiple=self.engine.traits("refinements", to).multiple,
        )

    def _run_batch(
        self, inputs: Sequence[Image.Image], to: Domain, seed: int, mean: bool, given: Array | None
    ) -> list[Image.Image]:
        """The results of images of one size, with conditions (N, K)."""
        channels = self.card.recipe.image.channels[other(to)]
        batch = np.stack([images.to_array(image, channels) for image in inputs])
        return to_images(self._run_networks(batch, to, seed, mean, given))

    def _run_tiled(
        self, image: Image.Image, to: Domain, seed: int, mean: bool, given: Array | None
    ) -> Image.Image:
        return tiling.run_tiled(
            lambda tile: self._run_networks(tile, to, seed, mean, given),
            [(image, self.card.recipe.image.channels[other(to)])],
            tile=isqrt(self.max_pixels),
            multiple=self.engine.traits("directions", to).multiple,
        )

    def _run_networks(self, batch: Array, to: Domain, seed: int, mean: bool, given: Array | None) -> Array:
        """Run (N, C, H, W) in [-1, 1] through the networks, padded to a multiple and cropped again."""
        height, width = batch.shape[2:]
        traits = self.engine.traits("directions", to)
        padded = batch if traits.size else _pad(batch, traits.multiple)
        result = self.engine.run("directions", to, padded, given, seed=seed, mean=mean)
        return result if traits.size else result[..., :height, :width]

    def _refines(self, to: Domain) -> bool:
        return to in self.engine.domains("refinements")


def to_images(batch: Array) -> list[Image.Image]:
    """The images of a batch (N, C, H, W) in [-1, 1]."""
    return [images.from_array(image) for image in batch]


def _pad(batch: Array, multiple: int) -> Array:
    """Extend height and width to multiples of `multiple`, by repeating the bottom and right edges."""
    height, width = batch.shape[2:]
    return np.pad(batch, ((0, 0), (0, 0), (0, -height % multiple), (0, -width % multiple)), mode="edge")


def _batches(inputs: list[Image.Image], size: int) -> Iterator[list[Image.Image]]:
    for start in range(0, len(inputs), size):
        yield inputs[start : start + size]
