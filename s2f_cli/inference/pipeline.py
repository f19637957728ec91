"""The inference pipeline: photos in, translated photos out.

pipeline = Pipeline.build(translator, "sketch")
for outcome in pipeline.run(paths):
    if isinstance(outcome, Success):
        outcome.value.image.save(...)
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, overload

from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.core.prefetch import ItemOutcome, pipelined_map
from s2f_cli.faces import geometry
from s2f_cli.faces.align import AlignedFace, AlignSettings
from s2f_cli.inference import backgrounds, blank_paper, input_check, weak_inputs
from s2f_cli.inference.backgrounds import Background
from s2f_cli.inference.conditions import variants_of
from s2f_cli.inference.face_crops import FaceCrops, crop_faces
from s2f_cli.inference.options import AUTO, NONE, PasteBack, Size, TranslateOptions
from s2f_cli.inference.translation import Translation
from s2f_cli.inference.translator import Translator
from s2f_cli.models.domains import Domain, other

_DEFAULT_PRESET = "report-b"
"""Alignment of faces to be pasted back, if neither the model's card nor the user names one."""

Item = TypeVar("Item", bound=str | Path | Image.Image | FaceCrops)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Pipeline:
    """A model and all settings by which it translates photos; `build` sets one up from options."""

    translator: Translator
    to: Domain
    size: Size = "native"
    samples: int = 1
    seed: int = 0
    mean: bool = False
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {"": {}})
    """What the model is given for each result of an input, by label, or by an empty name if there is one."""
    alignment: AlignSettings | None = None
    """How faces are found and aligned; None translates photos as they are."""
    paste_back: PasteBack = "none"
    faces_optional: bool = True
    """Whether photos without a face, and aligned faces, are translated as they are."""
    background: Background = "keep"
    """What surrounds the person in a sketch."""
    clears_paper: bool = False
    """Whether paper above the lines of a drawing stays empty in the face made from it."""

    @classmethod
    def build(cls, translator: Translator, to: Domain, options: TranslateOptions | None = None) -> "Pipeline":
        """Set up a pipeline, with defaults that depend on the model for options that are None.

        Raises BundleError if the model cannot translate to `to`, or is deterministic and several samples are
        requested; DataError for an unknown alignment preset; S2FError for conditions that the model does not
        have; ImageError if the photo `like` cannot be read or shows no face.
        """
        options = options or TranslateOptions()
        translator.require(to)
        if options.samples > 1 and not translator.is_stochastic(to):
            raise BundleError(
                f"this {translator.card.recipe.name} model is deterministic: all samples would be equal",
                "leave out --samples, or use --model with a stochastic model, such as cyclegan-vae",
            )
        if options.background != "keep" and to != "sketch":
            raise S2FError("--background is for sketches", "leave it out, or translate to sketch")
        only_squares = options.size == "model" or translator.squashes(to)
        paste_back = options.paste_back or ("none" if only_squares else "translated")
        preset = (translator.card.alignment or NONE) if options.align == AUTO else options.align
        if preset == NONE and options.align == AUTO and options.pastes:
            preset = _DEFAULT_PRESET
        width = max(translator.card.recipe.image.side(other(to)), geometry.NARROWEST)
        faces = options.faces or ("largest" if paste_back == "none" else "all")
        photo = None if options.like is None else read_photo(options.like)
        return cls(
            translator,
            to,
            size=options.size,
            samples=options.samples,
            seed=options.seed,
            mean=options.mean,
            variants=variants_of(translator.card.recipe.conditions, options.conditions, photo),
            alignment=None
            if preset == NONE
            else AlignSettings(preset, width, faces, min_eyes=0, max_width=translator.largest_face(to)),
            paste_back=paste_back,
            faces_optional=options.align == AUTO and paste_back != "photo",
            background=options.background,
            clears_paper=to == "face" and paste_back != "photo" and _has_plain_backdrops(translator),
        )

    def for_frames(self) -> "Pipeline":
        """Adapt the pipeline to the frames of a video, which must all give one image of one size.

        Frames without a face are translated as they are. If faces are not pasted back, all frames are. What
        would be transparent is white.
        """
        return replace(
            self,
            faces_optional=True,
            alignment=None if self.paste_back == "none" else self.alignment,
            background="keep" if self.background == "keep" else "white",
        )

    @overload
    def run(self, items: Iterable[Item]) -> Iterator[ItemOutcome[Item, Translation]]: ...
    @overload
    def run(
        self, items: Iterable[Item], store: Callable[[Item, Translation], Value]
    ) -> Iterator[ItemOutcome[Item, Value]]: ...
    def run(
        self, items: Iterable[Item], store: Callable[[Item, Translation], Any] | None = None
    ) -> Iterator[ItemOutcome[Item, Any]]:
        """Translate image files, images or photos with their faces; yield the outcome of each, in order.

        Items are loaded ahead in threads, and translated in batches that fit the pixel budget of the model.
        `store` runs in threads behind the translation, and its return value is the outcome's value; without
        it that is the Translation. If an item raises S2FError, its outcome is a Failure, and the others are
        not affected.
        """
        return pipelined_map(
            items,
            load=self._load,
            weigh=self._pixels,
            budget=self.translator.pixel_budget(self.to),
            process=self._translate,
            store=store or (lambda _, translation: translation),
        )

    def translate(self, photo: Image.Image) -> Image.Image:
        """Translate one photo, as `read_photo` returns it; of several results, return the first.

        Raises ImageError if a required face is not found, or the result would be too large.
        """
        return self._translate([self._crop(photo)])[0].image

    def doubts(self, translation: Translation) -> list[str]:
        """What is doubtful about the input of a translation, each in words; empty if nothing is."""
        photo, faces = translation.photo, [face.face for face in translation.faces]
        limits = self.translator.card.notes.get("limits", "")
        return [
            *input_check.doubts(photo, self.to, translation.no_face),
            *weak_inputs.weaknesses(limits, photo, faces),
        ]

    def _load(self, item: str | Path | Image.Image | FaceCrops) -> FaceCrops:
        if not isinstance(item, FaceCrops):
            return self._crop(read_photo(item))
        self._check(item.photo)
        return item

    def _crop(self, photo: Image.Image) -> FaceCrops:
        self._check(photo)
        return crop_faces(photo, self.alignment, optional=self.faces_optional)

    def _check(self, photo: Image.Image) -> None:
        """Raise ImageError for a photo that cannot be translated."""
        self.translator.input_size(*photo.size, self.to, self.size)  # raises if it would be too large
        if self.background != "keep":
            backgrounds.require_person(photo)

    def _pixels(self, crops: FaceCrops) -> int:
        """The pixels of a photo that go through the network."""
        input_size = self.translator.input_size
        if not crops.faces:
            return math.prod(input_size(*crops.photo.size, self.to, self.size))
        faces = sum(math.prod(input_size(*image.size, self.to)) for image in crops.images)
        return faces + (math.prod(self._base_size(crops)) if self.paste_back == "translated" else 0)

    def _translate(self, batch: Sequence[FaceCrops]) -> list[Translation]:
        translations = self._translate_scenes(batch)
        if self.background != "keep":
            cut = partial(backgrounds.replaced, background=self.background)
            return [self._cleared(translation, cut) for translation in translations]
        if self.clears_paper:
            return [self._cleared(translation, blank_paper.cleared) for translation in translations]
        return translations

    def _cleared(
        self, translation: Translation, clear: Callable[[Image.Image, Image.Image], Image.Image]
    ) -> Translation:
        """A translation after `clear`, which is given each result and what the model saw of its input."""
        inputs = translation.inputs
        if self.size == "model":
            inputs = [self.translator.fit(image, other(self.to)) for image in inputs]
        pairs = zip(inputs, translation.results, strict=True)
        cleared = [[clear(sample, image) for sample in samples] for image, samples in pairs]
        return replace(translation, results=cleared)

    def _translate_scenes(self, batch: Sequence[FaceCrops]) -> list[Translation]:
        face_size: Size = self.size if self.paste_back == "none" or self.size == "model" else "native"
        photos = iter(self._samples([crops.photo for crops in batch if not crops.faces], self.size))
        faces = iter(self._samples([i for crops in batch if crops.faces for i in crops.images], face_size))
        results = [[next(faces) for _ in crops.faces] or [next(photos)] for crops in batch]
        if self.paste_back == "none":
            return [
                Translation(crops.photo, crops.faces, crops.images, outputs, crops.no_face)
                for crops, outputs in zip(batch, results, strict=True)
            ]
        bases = iter(self._bases([crops for crops in batch if crops.faces]))
        pasted = [
            [self._paste(crops, outputs, next(bases))] if crops.faces else outputs
            for crops, outputs in zip(batch, results, strict=True)
        ]
        return [
            Translation(crops.photo, crops.faces, [crops.photo], outputs, crops.no_face)
            for crops, outputs in zip(batch, pasted, strict=True)
        ]

    def _samples(
        self, inputs: list[Image.Image], size: Size, seen: list[tuple[int, int]] | None = None
    ) -> list[list[Image.Image]]:
        """The samples of each variant of each image."""
        columns = [
            self.translator.translate(
                inputs, self.to, size, seed=seed, mean=self.mean, conditions=given, seen=seen
            )
            for given in self.variants.values()
            for seed in range(self.seed, self.seed + self.samples)
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    def _bases(self, batch: Sequence[FaceCrops]) -> list[list[Image.Image]]:
        """The images onto which the faces of each photo are pasted, one for each result."""
        if self.paste_back == "photo":
            return [[crops.photo] * self.samples * len(self.variants) for crops in batch]
        seen = [self._base_size(crops) for crops in batch]
        return self._samples([crops.photo for crops in batch], "native", seen)

    def _base_size(self, crops: FaceCrops) -> tuple[int, int]:
        """The size at which a photo is translated before its faces are pasted onto it.

        Its first face then has its size in training, but the photo is never enlarged for this, nor shrunk
        below the size at which the network would see it without faces.
        """
        width, height = crops.photo.size
        if self.size == "full":
            return width, height
        smallest = min(self.translator.input_size(width, height, self.to)) / min(width, height)
        wanted = self.trained_scale(crops.faces[0]) if crops.scale is None else crops.scale
        scale = max(min(wanted, 1.0), smallest)
        return max(1, round(width * scale)), max(1, round(height * scale))

    def trained_scale(self, face: AlignedFace) -> float:
        """The scale of a photo at which a face of it has its size in training."""
        trained = (self.alignment and self.alignment.width) or face.transform.width
        return face.transform.scale * trained / face.transform.width

    def _paste(
        self, crops: FaceCrops, faces: list[list[Image.Image]], bases: list[Image.Image]
    ) -> list[Image.Image]:
        """The samples of a photo, with the samples of its faces pasted in."""
        shapes = crops.head_shapes() if self.paste_back == "photo" else None
        pasted = [
            crops.paste_back(sample, base, shapes)
            for sample, base in zip(zip(*faces, strict=True), bases, strict=True)
        ]
        if isinstance(self.size, int):
            return [images.resize_short_side(image, self.size) for image in pasted]
        return pasted


def _has_plain_backdrops(translator: Translator) -> bool:
    """Whether the model's faces are before a backdrop of one colour, which it is given."""
    colours = translator.card.recipe.conditions.colours.values()
    return any(colour.region == "backdrop" for colour in colours)


def read_photo(item: str | Path | Image.Image) -> Image.Image:
    """Read an image file, or convert an image, to a photo: upright, sRGB, 8-bit, mode `L` or `RGB`.

    Raises ImageError if the file cannot be read.
    """
    return images.normalise(item) if isinstance(item, Image.Image) else images.read(Path(item))
