"""The settings of the batches of a stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from s2f_cli.core.images import Fit
from s2f_cli.models.domains import Domain
from s2f_cli.models.recipes.conditions import Conditions
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.training.augmentations import Augmentation
from s2f_cli.training.build import build_augmentations


@dataclass(frozen=True)
class BatchSettings:
    """The batches of a stage.

    batch_size      rows of a batch, over all processes and accumulation steps
    sides           side of the square images in pixels, by domain; other domains are not loaded
    channels        1 (gray) or 3 (RGB), by domain
    fit             how an image becomes square: `crop` or `squash`
    pairing         "paired": row i of both domains is one pair, augmented alike;
                    "unpaired": each domain is drawn independently
    augmentations   applied in this order
    conditions      what generators are given about each row
    """

    batch_size: int
    sides: Mapping[Domain, int]
    channels: Mapping[Domain, Literal[1, 3]]
    fit: Fit
    pairing: Literal["paired", "unpaired"]
    augmentations: Sequence[Augmentation] = ()
    conditions: Conditions = Conditions()  # noqa: RUF009

    @classmethod
    def of(cls, recipe: Recipe, stage: Stage) -> "BatchSettings":
        """Return the settings of a stage of a recipe."""
        return cls(
            batch_size=stage.batch_size,
            sides={domain: recipe.image.side(domain) for domain in stage.data.domains},
            channels=recipe.image.channels,
            fit=recipe.image.fit,
            pairing=stage.data.pairing,
            augmentations=build_augmentations(stage),
            conditions=recipe.conditions,
        )
