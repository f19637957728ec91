"""The tables of a recipe, as data: what each key means and which values it takes."""

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from s2f_cli.core import registry
from s2f_cli.core.images import DOMAINS, Domain, Fit

Side = Annotated[int, Field(ge=8, le=4096)]
Share = Annotated[float, Field(ge=0, lt=1)]
Chain = tuple[str, ...]
"""Roles that are called one after the other."""
CHAINS = ("directions", "reconstructions", "samples")
"""The tables of a recipe that name chains."""


def _unique(names: Sequence[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the {what} {name!r} is there twice")


class Table(BaseModel):
    """A table of a recipe; a key that it does not know is refused, naming the known ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, table: Any) -> Any:
        if isinstance(table, dict):
            for key in table.keys() - cls.model_fields.keys():
                raise ValueError(f"unknown key {key!r}; {registry.did_you_mean(key, cls.known())}")
        return table

    @classmethod
    def known(cls) -> list[str]:
        """The keys that the table may have, sorted."""
        return sorted(cls.model_fields)


class Part(BaseModel):
    """A table that names a part and its options; an option that is itself such a table is built first."""

    model_config = ConfigDict(extra="allow", frozen=True)
    part: str


class ImageTable(Table):
    """The square that images become in training, and the channels of each domain."""

    size: Side | dict[Domain, Side]
    """Pixels of a side, of both domains or of each."""
    fit: Fit
    channels: dict[Domain, Literal[1, 3]]

    @model_validator(mode="after")
    def _both_domains(self) -> "ImageTable":
        for key, table in (("channels", self.channels), ("size", self.size)):
            if isinstance(table, dict) and table.keys() != set(DOMAINS):
                raise ValueError(f"{key} needs a value for each of {', '.join(DOMAINS)}")
        return self

    def side(self, domain: Domain) -> int:
        """The side of a domain's images, in pixels."""
        return self.size if isinstance(self.size, int) else self.size[domain]

    def shape(self, domain: Domain) -> tuple[int, int, int]:
        """Channels, height and width of a domain's images."""
        return self.channels[domain], self.side(domain), self.side(domain)


class DataTable(Table):
    """How batches are drawn."""

    pairing: Literal["paired", "unpaired"]
    augment: tuple[Part, ...] = ()
    """Augmentations, in order; a name stands for a table with that part."""
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)] = DOMAINS
    """The domains that are drawn; objectives that treat each domain on its own can do with one."""

    @field_validator("augment", mode="before")
    @classmethod
    def _names_are_parts(cls, augment: Any) -> Any:
        if isinstance(augment, (list, tuple)):
            return [{"part": item} if isinstance(item, str) else item for item in augment]
        return augment


class Player(Table):
    """Roles that one Adam optimiser trains together."""

    trains: Annotated[tuple[str, ...], Field(min_length=1)]
    learning_rate: Annotated[float, Field(gt=0)]
    betas: tuple[Share, Share] = (0.9, 0.999)
    amsgrad: bool = False
    ema_decay: Annotated[float, Field(gt=0, lt=1)] | None = None
    """EMA decay, such as 0.999; if set, the averaged weights become the model."""
    schedule: Part = Part(part="constant")
    """What the learning rate is multiplied by as the stage goes on."""

    @field_validator("trains")
    @classmethod
    def _each_role_once(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        _unique(roles, "role")
        return roles


class Ramp(Table):
    """A weight that is 0 for `start` steps of the stage and then grows to `value` over `ramp` steps."""

    value: float
    start: Annotated[int, Field(ge=0)] = 0
    ramp: Annotated[int, Field(ge=0)] = 0

    def at(self, step: int) -> float:
        """The weight at a step of the stage, counted from 0."""
        if step < self.start:
            return 0.0
        return self.value * min(1.0, (step - self.start) / self.ramp) if self.ramp else self.value


class Stage(Table):
    """One stage of training."""

    name: str = "train"
    epochs: Annotated[int, Field(ge=1)] | None = None
    steps: Annotated[int, Field(ge=0)] | None = None
    """0 leaves the stage out."""
    batch_size: Annotated[int, Field(ge=1)]
    data: DataTable
    objective: Part
    weights: dict[str, float | Ramp]
    players: dict[str, Player]

    @model_validator(mode="after")
    def _one_length(self) -> "Stage":
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("give either epochs or steps")
        return self

    def length(self, images: int) -> int:
        """The number of steps of the stage when an epoch has that many images."""
        return math.ceil((self.epochs or 0) * images / self.batch_size) if self.steps is None else self.steps

    def weight(self, term: str, step: int) -> float:
        """The weight of a term at a step of the stage, counted from 0."""
        weight = self.weights[term]
        return weight.at(step) if isinstance(weight, Ramp) else weight

    @property
    def ema_decay(self) -> dict[str, float]:
        """The EMA decay of each role whose player averages its weights."""
        return {role: p.ema_decay for p in self.players.values() if p.ema_decay for role in p.trains}

    @property
    def trained(self) -> frozenset[str]:
        """The roles that some player trains; the others are frozen."""
        return frozenset(role for player in self.players.values() for role in player.trains)


class Recipe(Table):
    """Everything that decides what is trained; two equal recipes, seeds and data sets give equal weights."""

    name: str
    title: str
    source: str
    image: ImageTable
    networks: dict[str, Part]
    directions: dict[Domain, Chain] = {}
    """For each domain that images of the other can be translated to, the chain of roles that does it."""
    reconstructions: dict[Domain, Chain] = {}
    """For each domain whose images can be encoded and decoded again, the chain of roles that does it."""
    samples: dict[Domain, Chain] = {}
    """For each domain that can be made out of noise, the chain of roles that does it."""
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    reported: tuple[dict[str, Any], ...] = ()
    """Numbers that the report prints, for comparison."""

    @field_validator("stages")
    @classmethod
    def _each_name_once(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        _unique([stage.name for stage in stages], "stage")
        return stages

    @classmethod
    def known(cls) -> list[str]:
        """The keys that a recipe of one stage may have, sorted."""
        return sorted({*cls.model_fields, *Stage.model_fields})

    @property
    def chains(self) -> dict[str, dict[Domain, Chain]]:
        """The chains of each table: `directions`, `reconstructions` and `samples`."""
        return {
            "directions": self.directions,
            "reconstructions": self.reconstructions,
            "samples": self.samples,
        }

    def without_unused(self) -> "Recipe":
        """The same recipe without empty chains and those of domains that no stage draws."""
        drawn = {domain for stage in self.stages for domain in stage.data.domains}
        kept = {k: {d: c for d, c in chains.items() if c and d in drawn} for k, chains in self.chains.items()}
        return self.model_copy(update=kept)

    @property
    def used(self) -> frozenset[str]:
        """The roles that a trained model needs: those of some chain."""
        tables = self.chains.values()
        return frozenset(role for table in tables for chain in table.values() for role in chain)

    def with_length(self, steps: int | None = None, epochs: int | None = None) -> "Recipe":
        """The same recipe with another length of each stage that is not left out, if one is given."""
        if steps is None and epochs is None:
            return self
        length = {"steps": steps, "epochs": epochs if steps is None else None}
        stages = tuple(s if s.steps == 0 else s.model_copy(update=length) for s in self.stages)
        return self.model_copy(update={"stages": stages})
