"""A bundle, ready to use: images in, images out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from s2f_cli import bundle, exported, images
from s2f_cli.bundle import Card
from s2f_cli.errors import BundleError, S2FError
from s2f_cli.images import Domain, other
from s2f_cli.roles import Networks

BATCH = 8


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

    def __init__(self, networks: Networks, card: Card, device: str = "auto") -> None:
        self.card = card
        self.device = choose_device(device)
        networks.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.networks = networks.eval()

    @classmethod
    def open(cls, path: Path, device: str = "auto") -> "Translator":
        """The translator of a bundle, or of an exported ONNX file, which runs in ONNX Runtime.

        Raises BundleError as `bundle.load` and `exported.load` do.
        """
        if path.suffix == exported.ONNX:
            return cls(*exported.load(path, device), "cpu")
        return cls(*bundle.load(path), device)

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
        return any(hasattr(self.networks[role], "mean") for role in self.networks.directions[to])

    def fit(self, image: Image.Image, domain: Domain) -> Image.Image:
        """An image as training saw it: the square, `L` for a one-channel domain, else `RGB`."""
        table = self.card.recipe.image
        square = images.fit(image, table.side(domain), table.fit)
        return square.convert(images.mode_of(table.channels[domain]))

    def translate(
        self,
        pictures: Sequence[Image.Image],
        to: Domain,
        size: Literal["native", "model"] = "native",
        *,
        seed: int = 0,
        mean: bool = False,
    ) -> list[Image.Image]:
        """Images of the other domain → images of the domain `to`, in order, `L` or `RGB`.

        `native`: each result has its input's size. A recipe that squashes, or a network built for one size,
        sees the whole image squashed; one that crops sees the whole image at its own aspect, the short side
        at the training size. `model`: each result is the square that training saw.

        What a model draws at random depends on the seed only and is the same for every image; with `mean` it
        takes the mean instead. Raises BundleError when the model cannot make the domain.
        """
        self.require(to)
        made: list[Image.Image] = []
        framed = (self._frame(picture, to, size) for picture in pictures)
        for _, group in groupby(framed, key=lambda array: array.shape):
            for batch in _chunks(list(group), BATCH):
                made += self._run(np.stack(batch), to, seed, mean)
        if size == "native":
            made = [
                m.resize(p.size, Image.Resampling.BICUBIC) if m.size != p.size else m
                for m, p in zip(made, pictures, strict=True)
            ]
        return made

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
            for part in self.squares(pictures, of).split(BATCH):
                made += self.pictures(self.networks.follow(self.networks.reconstructions[of], part))
        return made

    def squares(self, pictures: Sequence[Image.Image], domain: Domain) -> Tensor:
        """Images as training saw them: (N, C, H, W) in [-1, 1] on the model's device."""
        channels = self.card.recipe.image.channels[domain]
        arrays = [images.to_array(self.fit(picture, domain), channels) for picture in pictures]
        return torch.from_numpy(np.stack(arrays)).to(self.device)

    def pictures(self, made: Tensor) -> list[Image.Image]:
        """The images of a batch (N, C, H, W) in [-1, 1]."""
        return [images.from_array(image) for image in made.float().cpu().numpy()]

    def _frame(self, picture: Image.Image, to: Domain, size: str) -> np.ndarray:
        """The array (channels, height, width) in [-1, 1] that the network gets, before padding."""
        table, source = self.card.recipe.image, other(to)
        side = table.side(source)
        if size == "model":
            picture = images.fit(picture, side, table.fit)
        elif table.fit == "squash" or self._fixed(to):
            picture = images.fit(picture, side, "squash")
        else:
            scale = side / min(picture.size)
            shape = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            picture = picture.resize(shape, Image.Resampling.BICUBIC) if shape != picture.size else picture
        return images.to_array(picture, table.channels[source])

    @torch.inference_mode()
    def _run(self, arrays: np.ndarray, to: Domain, seed: int, mean: bool) -> list[Image.Image]:
        batch = torch.from_numpy(arrays).to(self.device, memory_format=torch.channels_last)
        height, width = batch.shape[2:]
        whole = self._fixed(to)
        with seeded(seed):
            made = self.networks.translate(batch if whole else _pad(batch, self._multiple(to)), to, mean=mean)
        return self.pictures(made if whole else made[..., :height, :width])

    def _fixed(self, to: Domain) -> bool:
        """Whether a network on the way to a domain is built for one size."""
        return any(getattr(self.networks[role], "size", None) for role in self.networks.directions[to])

    def _multiple(self, to: Domain) -> int:
        return max(self.networks[role].multiple for role in self.networks.directions[to])


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


def _chunks(rows: list[np.ndarray], size: int) -> Iterator[list[np.ndarray]]:
    for first in range(0, len(rows), size):
        yield rows[first : first + size]
