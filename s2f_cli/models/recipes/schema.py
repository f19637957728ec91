"""The schema of a recipe: its tables, and the meaning and values of each key."""

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from s2f_cli.core.images import Fit
from s2f_cli.models.domains import DOMAINS, Domain, other
from s2f_cli.models.recipes.conditions import Conditions
from s2f_cli.models.recipes.table import Table

Side = Annotated[int, Field(ge=8, le=4096)]
Share = Annotated[float, Field(ge=0, lt=1)]
Chain = tuple[str, ...]
"""Roles that are called in order."""


def _check_unique(names: Sequence[str], noun: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the {noun} {name!r} is listed twice")


class Part(BaseModel):
    """A table with a part's name and its options; an option can be a table of another part."""

    model_config = ConfigDict(extra="allow", frozen=True)
    part: str


class ImageTable(Table):
    """The size and channels of training images, which are square."""

    size: Side | dict[Domain, Side]
    """Side of the square in pixels, for both domains or for each."""
    fit: Fit
    """How an image becomes the square: `crop` cuts out its centre, `squash` changes its aspect ratio."""
    channels: dict[Domain, Literal[1, 3]]
    """1 for gray, 3 for RGB."""

    @model_validator(mode="after")
    def _both_domains(self) -> "ImageTable":
        for key, table in (("channels", self.channels), ("size", self.size)):
            if isinstance(table, dict) and table.keys() != set(DOMAINS):
                raise ValueError(f"{key} needs a value for each of {', '.join(DOMAINS)}")
        return self

    def side(self, domain: Domain) -> int:
        """The side of a domain's images in pixels."""
        return self.size if isinstance(self.size, int) else self.size[domain]

    def shape(self, domain: Domain) -> tuple[int, int, int]:
        """(channels, height, width) of a domain's images."""
        return self.channels[domain], self.side(domain), self.side(domain)


class DataTable(Table):
    """How batches are drawn from the data set."""

    pairing: Literal["paired", "unpaired"]
    """Whether row i of a batch shows the same person in both domains."""
    augment: tuple[Part, ...] = ()
    """Augmentations, in order; a name is short for a table with only that part."""
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)] = DOMAINS
    """The domains drawn; one is enough for objectives that treat each domain on its own."""

    @field_validator("augment", mode="before")
    @classmethod
    def _names_are_parts(cls, augment: Any) -> Any:
        if isinstance(augment, (list, tuple)):
            return [{"part": item} if isinstance(item, str) else item for item in augment]
        return augment


class Player(Table):
    """Roles trained together by one Adam optimiser."""

    trains: Annotated[tuple[str, ...], Field(min_length=1)]
    learning_rate: Annotated[float, Field(gt=0)]
    betas: tuple[Share, Share] = (0.9, 0.999)
    amsgrad: bool = False
    ema_decay: Annotated[float, Field(gt=0, lt=1)] | None = None
    """EMA decay, for example 0.999; if set, the averaged weights become the model."""
    schedule: Part = Part(part="constant")
    """The factor of the learning rate over the course of the stage."""

    @field_validator("trains")
    @classmethod
    def _each_role_once(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        _check_unique(roles, "role")
        return roles


class Ramp(Table):
    """A loss weight that is 0 for `start` steps of the stage, then rises to `value` over `ramp` steps."""

    value: float
    start: Annotated[int, Field(ge=0)] = 0
    ramp: Annotated[int, Field(ge=0)] = 0

    def at(self, step: int) -> float:
        """The weight at a step of the stage, counted from 0."""
        if step < self.start:
            return 0.0
        return self.value * min(1.0, (step - self.start) / self.ramp) if self.ramp else self.value


class Stage(Table):
    """One stage of training; exactly one of `epochs` and `steps` gives its length."""

    name: str = "train"
    epochs: Annotated[int, Field(ge=1)] | None = None
    steps: Annotated[int, Field(ge=0)] | None = None
    """0 skips the stage."""
    batch_size: Annotated[int, Field(ge=1)]
    data: DataTable
    objective: Part
    weights: dict[str, float | Ramp]
    """The weight of each loss term."""
    players: dict[str, Player]

    @model_validator(mode="after")
    def _one_length(self) -> "Stage":
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("give either epochs or steps")
        return self

    def length(self, images: int) -> int:
        """The number of steps of the stage, for an epoch of `images` images."""
        return math.ceil((self.epochs or 0) * images / self.batch_size) if self.steps is None else self.steps

    def weight(self, term: str, step: int) -> float:
        """The weight of a loss term at a step of the stage, counted from 0."""
        weight = self.weights[term]
        return weight.at(step) if isinstance(weight, Ramp) else weight

    @property
    def ema_decay(self) -> dict[str, float]:
        """EMA decay by role, for players that average their weights."""
        return {role: p.ema_decay for p in self.players.values() if p.ema_decay for role in p.trains}

    @property
    def trained(self) -> frozenset[str]:
        """The roles trained by some player; the others are frozen."""
        return frozenset(role for player in self.players.values() for role in player.trains)


class Recipe(Table):
    """A complete training; equal recipes, seeds and data sets give equal weights."""

    name: str
    title: str
    source: str
    """The report or paper it reproduces, with the section."""
    image: ImageTable
    conditions: Conditions = Conditions()
    """What generators are given besides the image, by name."""
    networks: dict[str, Part]
    """The network of each role."""
    directions: dict[Domain, Chain] = Field({})
    """By target domain, the chain of roles that translates images of the other domain to it."""
    refinements: dict[Domain, Chain] = Field({})
    """By target domain, the chain of roles that adds detail to an enlarged translation to it."""
    reconstructions: dict[Domain, Chain] = Field({})
    """By domain, the chain of roles that encodes and decodes its images."""
    samples: dict[Domain, Chain] = Field({})
    """By domain, the chain of roles that generates its images from noise."""
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    reported: tuple[dict[str, Any], ...] = ()
    """Numbers printed by the report, for comparison."""

    @field_validator("stages")
    @classmethod
    def _each_name_once(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        _check_unique([stage.name for stage in stages], "stage")
        return stages

    @classmethod
    def known(cls) -> list[str]:
        """The sorted keys of a recipe with one stage."""
        return sorted({*cls.model_fields, *Stage.model_fields})

    @property
    def chains(self) -> dict[str, dict[Domain, Chain]]:
        """The chains of each table: `directions`, `refinements`, `reconstructions` and `samples`."""
        return {
            "directions": self.directions,
            "refinements": self.refinements,
            "reconstructions": self.reconstructions,
            "samples": self.samples,
        }

    def source_channels(self, to: Domain) -> int:
        """The channels that the first network of a direction takes: those of the image and the conditions."""
        return self.image.channels[other(to)] + self.conditions.width

    def without_unused(self) -> "Recipe":
        """The recipe without empty chains and chains of domains that no stage draws."""
        drawn = {domain for stage in self.stages for domain in stage.data.domains}
        tables = {
            kind: {domain: chain for domain, chain in chains.items() if chain and domain in drawn}
            for kind, chains in self.chains.items()
        }
        return self.model_copy(update=tables)

    @property
    def used(self) -> frozenset[str]:
        """The roles that a trained model needs: those in some chain."""
        tables = self.chains.values()
        return frozenset(role for table in tables for chain in table.values() for role in chain)

    def with_length(self, steps: int | None = None, epochs: int | None = None) -> "Recipe":
        """Return the recipe with a new length for every stage that is not skipped.

        `steps` takes precedence over `epochs`; without either, the recipe is unchanged.
        """
        if steps is None and epochs is None:
            return self
        length = {"steps": steps, "epochs": epochs if steps is None else None}
        stages = tuple(s if s.steps == 0 else s.model_copy(update=length) for s in self.stages)
        return self.model_copy(update={"stages": stages})
