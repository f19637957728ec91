"""A model and how it is asked, for whole photos and for the faces in them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import BundleError
from s2f_cli.core.images import Domain
from s2f_cli.faces import align as aligning
from s2f_cli.faces import geometry
from s2f_cli.faces.align import Choice
from s2f_cli.inference.face_crops import FaceCrops, crop_faces
from s2f_cli.inference.translator import Size, Translator

NONE, AUTO = "none", "auto"
"""The alignment of pictures that are translated as they are, and of those that a model's card says it of."""

Back = Literal["translated", "photo", "none"]
"""What the translated faces of a picture are put back into: all of it translated, the picture as it came, or
nothing: then each is a result of its own."""


@dataclass(frozen=True)
class Pipeline:
    """A model and how it is asked: each picture `samples` times, with seeds that count up from `seed`."""

    translator: Translator
    to: Domain
    size: Size = "native"
    samples: int = 1
    seed: int = 0
    mean: bool = False
    looking: aligning.AlignSettings | None = None
    """How faces are found and cut out, if they are."""
    back: Back = "none"
    as_needed: bool = True
    """Pictures without a face, and aligned faces, are taken as they are."""

    def cut(self, photo: Image.Image) -> FaceCrops:
        """A photo with its faces as the model wants them.

        Raises ImageError as `whole_photos.cut` does, and when it would be too large at the size that was
        asked for.
        """
        self.translator.seen_size(*photo.size, self.to, self.size)
        return crop_faces(photo, self.looking, as_needed=self.as_needed)

    def weight(self, one: FaceCrops) -> int:
        """The pixels that the network sees of a photo."""
        seen = self.translator.seen_size
        if not one.faces:
            return math.prod(seen(*one.photo.size, self.to, self.size))
        faces = sum(math.prod(seen(*picture.size, self.to)) for picture in one.pictures)
        return faces + (math.prod(self._whole_size(one)) if self.back == "translated" else 0)

    def require(self) -> None:
        """Raise BundleError when samples are wanted of a model that draws nothing."""
        if self.samples > 1 and not self.translator.draws(self.to):
            raise BundleError(
                f"this {self.translator.card.recipe.name} model draws nothing at random: samples are equal",
                "leave out --samples, or choose with --model one that draws, such as cyclegan-vae",
            )

    def results(self, cuts: Sequence[FaceCrops]) -> list[list[list[Image.Image]]]:
        """For each photo its results, one or one a face, each in so many samples."""
        size: Size = "native" if self.back != "none" and self.size != "model" else self.size
        plain = [one.photo for one in cuts if not one.faces]
        faces = [picture for one in cuts if one.faces for picture in one.pictures]
        photos, made = iter(self._make(plain, self.size)), iter(self._make(faces, size))
        each = [[next(made) for _ in one.faces] if one.faces else [next(photos)] for one in cuts]
        if self.back == "none":
            return each
        wholes = iter(self._wholes([one for one in cuts if one.faces]))
        return [
            [self._put_back(one, found, next(wholes))] if one.faces else found
            for one, found in zip(cuts, each, strict=True)
        ]

    def _make(self, pictures: list[Image.Image], size: Size) -> list[list[Image.Image]]:
        """The samples of each picture."""
        columns = [
            self.translator.translate(pictures, self.to, size, seed=seed, mean=self.mean)
            for seed in range(self.seed, self.seed + self.samples)
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    def _wholes(self, cuts: Sequence[FaceCrops]) -> list[list[Image.Image]]:
        """What the faces of each photo are put back into, for each sample."""
        if self.back == "photo":
            return [[one.photo] * self.samples for one in cuts]
        seen = [one.photo.resize(self._whole_size(one), Image.Resampling.BICUBIC) for one in cuts]
        made = self._make(seen, "full")
        return [
            [image.resize(one.photo.size, Image.Resampling.BICUBIC) for image in samples]
            for one, samples in zip(cuts, made, strict=True)
        ]

    def _whole_size(self, one: FaceCrops) -> tuple[int, int]:
        """The size at which a photo's first face is as large as in training; larger than the photo only where
        training saw larger ones.
        """
        width, height = one.photo.size
        if self.size == "full":
            return width, height
        scale = min(one.faces[0].transform.scale, 1.0)
        least = min(self.translator.seen_size(width, height, self.to)) / min(width, height)
        scale = max(scale, least)
        return max(1, round(width * scale)), max(1, round(height * scale))

    def _put_back(
        self, one: FaceCrops, faces: list[list[Image.Image]], wholes: list[Image.Image]
    ) -> list[Image.Image]:
        made = [
            one.put_back(sample, whole)
            for sample, whole in zip(zip(*faces, strict=True), wholes, strict=True)
        ]
        return (
            [images.resize_short_side(image, self.size) for image in made]
            if isinstance(self.size, int)
            else made
        )


def build_pipeline(
    translator: Translator,
    to: Domain,
    *,
    size: Size = "native",
    align: str = AUTO,
    faces: Choice | None = None,
    back: Back | None = None,
    samples: int = 1,
    seed: int = 0,
    mean: bool = False,
) -> Pipeline:
    """A model, asked as a person means it who says no more than this.

    Faces are aligned as the model's card says (`auto`), by a preset, or not (`none`). They are put back into
    the picture, all of it translated, unless the model sees squares or the square of training is asked for:
    then the largest stands alone. Where they are to be put back and neither the card nor `align` names a
    preset, it is `report-b`. Raises BundleError when the model cannot make the domain, DataError for an
    unknown preset.
    """
    translator.require(to)
    alone = size == "model" or translator.sees_squares(to)
    put = back or ("none" if alone else "translated")
    preset = (translator.card.alignment or NONE) if align == AUTO else align
    if preset == NONE and align == AUTO and back not in (None, "none"):
        preset = "report-b"
    side = max(translator.card.recipe.image.side(images.other(to)), geometry.NARROWEST)
    choice = faces or ("largest" if put == "none" else "all")
    looking = None if preset == NONE else aligning.AlignSettings(preset, side, choice, min_eyes=0)
    as_needed = align == AUTO and put != "photo"
    return Pipeline(translator, to, size, samples, seed, mean, looking, put, as_needed)
