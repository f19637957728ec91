"""A bundle, ready to use: images in, images out."""

from collections.abc import Iterator, Sequence
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
from s2f_cli.core.errors import BundleError, ImageError, S2FError
from s2f_cli.core.images import Domain, other
from s2f_cli.inference import exported, pixel_budget, tiling
from s2f_cli.inference.options import Precision, Size
from s2f_cli.models import bundle
from s2f_cli.models.bundle import Card
from s2f_cli.models.networks import Network, Stochastic
from s2f_cli.models.roles import Networks

BATCH = 8

_LONGEST = 16
"""A picture longer than this, for its width, is not enlarged until its short side is that of training."""


def choose_device(name: str = "auto") -> torch.device:
    """The device of a name: `auto` is the first GPU if there is one, else the CPU; else `cpu`, `cuda:1`,
    `mps` …

    Raises S2FError when there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as problem:
        reason = str(problem).splitlines()[0].rstrip(".")
        raise S2FError(f"the device {name!r} cannot be used: {reason}", "try --device cpu") from None
    return device


class Translator:
    """Networks and the card that says how to call them."""

    def __init__(
        self, networks: Networks, card: Card, device: str = "auto", precision: Precision = "fp32"
    ) -> None:
        self.card = card
        self.device = choose_device(device)
        self.dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        networks.to(self.device, self.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.networks = networks.eval()
        self.pixels = pixel_budget.single(self.device)
        """So many pixels of an image go through the networks at once."""

    @classmethod
    def open(cls, path: Path, device: str = "auto", precision: Precision = "fp32") -> "Translator":
        """The translator of a bundle, or of an exported ONNX file, which runs in ONNX Runtime, as precise as
        it was exported.

        Raises BundleError as `bundle.load` and `exported.load` do.
        """
        if path.suffix == exported.ONNX:
            return cls(*exported.load(path, device), "cpu")
        return cls(*bundle.load(path), device, precision)

    @property
    def directions(self) -> tuple[Domain, ...]:
        """The domains it can make."""
        return tuple(self.networks.directions)

    def require(self, to: Domain) -> None:
        """Raise BundleError unless it can make images of the domain `to`."""
        if to not in self.directions:
            able = ", ".join(self.directions) or "nothing: it has no direction"
            instead = " (this one makes images out of noise: s2f sample)" if self.networks.samples else ""
            raise BundleError(
                f"this {self.card.recipe.name} model cannot translate to {to}, only to {able}",
                f"choose another with --model, or train one that can{instead}",
            )

    def draws(self, to: Domain) -> bool:
        """Whether translating to a domain has something random in it."""
        return any(isinstance(network, Stochastic) for network in self._chain(to))

    def fit(self, image: Image.Image, domain: Domain) -> Image.Image:
        """An image as training saw it: the square, `L` for a one-channel domain, else `RGB`."""
        table = self.card.recipe.image
        square = images.fit(image, table.side(domain), table.fit)
        return square.convert(images.mode_of(table.channels[domain]))

    def translate(
        self,
        pictures: Sequence[Image.Image],
        to: Domain,
        size: Size = "native",
        *,
        seed: int = 0,
        mean: bool = False,
    ) -> list[Image.Image]:
        """Images of the other domain → images of the domain `to`, in order, `L` or `RGB`.

        | size     | the result                         | the network sees the whole image            |
        | -------- | ---------------------------------- | ------------------------------------------- |
        | `native` | has its input's size               | with its short side at the training size    |
        | `full`   | has its input's size               | pixel by pixel                              |
        | a number | has a short side of so many pixels | at the size of the result                   |
        | `model`  | is the square that training saw    | as the square that training saw             |

        What is large goes through in tiles that overlap. A model that `sees_squares` is shown the whole image
        squashed, and its result is enlarged.

        What a model draws at random depends on the seed only and is the same for every image; with `mean` it
        takes the mean instead. Raises BundleError when the model cannot make the domain, ImageError as
        `seen_size` does.
        """
        self.require(to)
        made: list[Image.Image] = []
        seen = (self._seen(picture, to, size) for picture in pictures)
        for (width, height), group in groupby(seen, key=lambda image: image.size):
            if width * height <= self.pixels or self.sees_squares(to):
                for part in _chunks(list(group), max(self.pixel_budget(to) // (width * height), 1)):
                    made += self._run(part, to, seed, mean)
            else:
                made += [self._tiled(picture, to, seed, mean) for picture in group]
        if size != "model":
            goals = [
                p.size if isinstance(size, str) else images.short_side_size(p.size, size) for p in pictures
            ]
            made = [
                m if m.size == goal else m.resize(goal, Image.Resampling.BICUBIC)
                for m, goal in zip(made, goals, strict=True)
            ]
        return made

    def seen_size(self, width: int, height: int, to: Domain, size: Size = "native") -> tuple[int, int]:
        """The size at which the network sees an image, before padding.

        Raises ImageError when that is more than `images.MAX_PIXELS`.
        """
        side = self.card.recipe.image.side(other(to))
        if size == "model" or self.sees_squares(to):
            return side, side
        if size == "full":
            return width, height
        if size == "native":
            most = max(side * (_LONGEST / (width * height)) ** 0.5, 1.0)
            scale = min(side / min(width, height), most)
            return max(1, round(width * scale)), max(1, round(height * scale))
        wide, high = images.short_side_size((width, height), size)
        if wide * high > images.MAX_PIXELS:
            raise ImageError(
                f"at --size {size} it would have {wide}x{high} pixels, more than {images.MAX_PIXELS:,}",
                "choose a smaller --size",
            )
        return wide, high

    def sees_squares(self, to: Domain) -> bool:
        """Whether it sees images of any shape squashed to a square of one size, to make a domain of them."""
        return self.card.recipe.image.fit == "squash" or self._fixed(to)

    def reconstruct(self, pictures: Sequence[Image.Image], of: Domain, seed: int = 0) -> list[Image.Image]:
        """Images of a domain, encoded and decoded again, as the squares that training saw.

        Raises BundleError when the model cannot do that.
        """
        if of not in self.networks.reconstructions:
            raise BundleError(
                f"this {self.card.recipe.name} model does not reconstruct a {of}", "vae-wgan models do"
            )
        made: list[Image.Image] = []
        with torch.inference_mode(), seeded(seed):
            for part in self.to_batch(pictures, of).split(BATCH):
                made += self.to_images(self.networks.run_chain(self.networks.reconstructions[of], part))
        return made

    def to_batch(self, pictures: Sequence[Image.Image], domain: Domain) -> Tensor:
        """Images as training saw them: (N, C, H, W) in [-1, 1] on the model's device."""
        channels = self.card.recipe.image.channels[domain]
        arrays = [images.to_array(self.fit(picture, domain), channels) for picture in pictures]
        return torch.from_numpy(np.stack(arrays)).to(self.device, self.dtype)

    def to_images(self, made: Tensor) -> list[Image.Image]:
        """The images of a batch (N, C, H, W) in [-1, 1]."""
        return [images.from_array(image) for image in made.float().cpu().numpy()]

    def _seen(self, picture: Image.Image, to: Domain, size: Size) -> Image.Image:
        """The image that the network sees, before padding."""
        table, (width, height) = self.card.recipe.image, self.seen_size(*picture.size, to, size)
        if size == "model":
            return images.fit(picture, width, table.fit)
        if picture.size == (width, height):
            return picture
        return picture.resize((width, height), Image.Resampling.BICUBIC)

    def pixel_budget(self, to: Domain) -> int:
        """So many pixels of several images go together through the networks that make a domain."""
        weights = (w.numel() for network in self._chain(to) for w in network.parameters())
        return pixel_budget.batch(self.device, sum(weights))

    def _run(self, pictures: Sequence[Image.Image], to: Domain, seed: int, mean: bool) -> list[Image.Image]:
        """What the network makes of images of one size."""
        channels = self.card.recipe.image.channels[other(to)]
        made = self._through(np.stack([images.to_array(one, channels) for one in pictures]), to, seed, mean)
        return [images.from_array(image) for image in made]

    def _tiled(self, picture: Image.Image, to: Domain, seed: int, mean: bool) -> Image.Image:
        channels, step = self.card.recipe.image.channels[other(to)], self._multiple(to)
        return tiling.run_tiled(
            lambda tile: self._through(tile, to, seed, mean), picture, channels, isqrt(self.pixels), step
        )

    @torch.inference_mode()
    def _through(self, arrays: np.ndarray, to: Domain, seed: int, mean: bool) -> np.ndarray:
        """(N, C, H, W) through the network, padded to what it can divide and cut again."""
        batch = torch.from_numpy(arrays).to(self.device, self.dtype, memory_format=torch.channels_last)
        height, width = batch.shape[2:]
        whole = self._fixed(to)
        with seeded(seed):
            made = self.networks.translate(batch if whole else _pad(batch, self._multiple(to)), to, mean=mean)
        return (made if whole else made[..., :height, :width]).float().cpu().numpy()

    def _fixed(self, to: Domain) -> bool:
        """Whether a network on the way to a domain is built for one size."""
        return any(network.size for network in self._chain(to))

    def _multiple(self, to: Domain) -> int:
        return max(network.multiple for network in self._chain(to))

    def _chain(self, to: Domain) -> list[Network]:
        return self.networks.chain(self.networks.directions[to])


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it torch's random numbers depend on the seed; afterwards they go on as before."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def _pad(batch: Tensor, multiple: int) -> Tensor:
    """Extend height and width below and to the right, by repeating the edge, to multiples of `multiple`."""
    down, right = (-batch.shape[2] % multiple, -batch.shape[3] % multiple)
    return F.pad(batch, (0, right, 0, down), mode="replicate") if down or right else batch


def _chunks(pictures: list[Image.Image], size: int) -> Iterator[list[Image.Image]]:
    for first in range(0, len(pictures), size):
        yield pictures[first : first + size]
