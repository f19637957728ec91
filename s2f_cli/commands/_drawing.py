"""A model and how `s2f translate` asks it, for whole photos and for the faces in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL import Image

    from s2f_cli import aligning
    from s2f_cli.images import Domain
    from s2f_cli.translator import Translator
    from s2f_cli.whole_photos import Cut

NONE, AUTO = "none", "auto"
"""The alignment of pictures that are translated as they are, and of those that a model's card says it of."""


@dataclass(frozen=True)
class Drawing:
    """A model and how it is asked: each picture `samples` times, with seeds that count up from `seed`."""

    translator: Translator
    to: Domain
    size: Literal["native", "model"]
    samples: int
    seed: int
    mean: bool
    looking: aligning.Settings | None
    """How faces are found and cut out, if they are."""
    paste_back: bool
    as_needed: bool
    """Pictures without a face, and aligned faces, are taken as they are."""

    def cut(self, photo: Image.Image) -> Cut:
        """A photo with its faces as the model wants them; raises ImageError as `whole_photos.cut` does."""
        from s2f_cli.whole_photos import cut

        return cut(photo, self.looking, as_needed=self.as_needed)

    def require(self) -> None:
        """Raise BundleError when samples are wanted of a model that draws nothing."""
        from s2f_cli.errors import BundleError

        if self.samples > 1 and not self.translator.draws(self.to):
            raise BundleError(
                f"this {self.translator.card.recipe.name} model draws nothing at random: samples are equal",
                "leave out --samples, or choose with --model one that draws, such as cyclegan-vae",
            )

    def make(self, pictures: list[Image.Image]) -> list[list[Image.Image]]:
        """The samples of each picture."""
        columns = [
            self.translator.translate(pictures, self.to, self.size, seed=seed, mean=self.mean)
            for seed in range(self.seed, self.seed + self.samples)
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    def results(self, cuts: list[Cut]) -> list[list[list[Image.Image]]]:
        """For each photo its results, one or one a face, each in so many samples."""
        made = iter(self.make([picture for cut in cuts for picture in cut.pictures]))
        each = [[next(made) for _ in cut.pictures] for cut in cuts]
        if not self.paste_back:
            return each
        return [
            [[cut.put_back(sample) for sample in zip(*found, strict=True)]]
            for cut, found in zip(cuts, each, strict=True)
        ]


def looking(
    translator: Translator, to: Domain, align: str, faces: Literal["largest", "best", "all"]
) -> aligning.Settings | None:
    """How faces are found and cut out, as wide as the model saw them, however small they are; `auto` is what
    the model's card says.
    """
    from s2f_cli import aligning, alignment, images

    if align == AUTO:
        align = translator.card.alignment or NONE
    if align == NONE:
        return None
    side = translator.card.recipe.image.side(images.other(to))
    return aligning.Settings(align, max(side, alignment.NARROWEST), faces, min_eyes=0)
