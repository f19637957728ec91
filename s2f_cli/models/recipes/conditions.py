"""Conditions: what a generator is given besides the image, such as a drawing style or the colour of the hair.

A recipe declares them as tables. The condition vector of an image has, in the recipe's order, a number for
each label of a `Label` (1 for the image's own, 0 for the others) and three numbers in [-1, 1] for a `Colour`
(red, green, blue).
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Annotated, Any

from pydantic import Discriminator, Field, RootModel, StringConstraints, Tag, field_validator, model_validator

from s2f_cli.core import registry
from s2f_cli.core.errors import S2FError
from s2f_cli.models import colours
from s2f_cli.models.colours import Region
from s2f_cli.models.recipes.table import Table

ALL = "all"
"""Stands for each label in turn, where several results are possible."""
KINDS = _LABEL, _COLOUR = "(label)", "(colour)"
"""Tags of the two kinds of tables, in the errors of pydantic."""

LabelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
"""A label is part of file names."""


class Label(Table):
    """A condition that is one of several labels."""

    default: str
    labels: Annotated[dict[LabelName, tuple[str, ...]], Field(min_length=1)]
    """The values of the data set's attribute of the condition's name that mean each label."""

    @model_validator(mode="after")
    def _labels_are_distinct(self) -> "Label":
        if ALL in self.labels:
            raise ValueError(f"a label cannot be called {ALL!r}, which stands for all of them")
        if self.default not in self.labels:
            known = registry.did_you_mean(self.default, list(self.labels))
            raise ValueError(f"the default {self.default!r} is not a label; {known}")
        meanings: dict[str, str] = {}
        for label, values in self.labels.items():
            for value in values:
                if value in meanings:
                    raise ValueError(f"both {meanings[value]!r} and {label!r} mean the attribute {value!r}")
                meanings[value] = label
        return self

    @property
    def width(self) -> int:
        """The length of its part of the condition vector."""
        return len(self.labels)

    def parse(self, name: str, text: str) -> str:
        """Return a label; raises S2FError, naming the condition `name`, if there is no such label."""
        if text not in self.labels:
            raise S2FError(f"there is no {name} {text!r}", registry.did_you_mean(text, list(self.labels)))
        return text

    def encode(self, label: str) -> list[float]:
        """A label as numbers, one-hot."""
        return [float(label == other) for other in self.labels]

    def meant_by(self, value: str | None) -> str | None:
        """The label that a value of the attribute means; None if it means none."""
        return next((label for label, values in self.labels.items() if value in values), None)


class Colour(Table):
    """A condition that is the colour of a region of the photo."""

    region: Region
    """By default the name of the condition."""
    default: str

    @field_validator("default")
    @classmethod
    def _default_is_a_colour(cls, default: str, others: Any) -> str:
        try:
            return colours.parse(default, others.data.get("region", "backdrop"))
        except S2FError as problem:
            raise ValueError(problem.line) from None

    @property
    def width(self) -> int:
        """The length of its part of the condition vector."""
        return 3

    def parse(self, name: str, text: str) -> str:
        """Return a colour as `#rrggbb`; raises S2FError, naming the condition `name`, if it is none."""
        try:
            return colours.parse(text, self.region)
        except S2FError as problem:
            raise S2FError(f"{name}: {problem.message}", problem.hint) from None

    def encode(self, colour: str) -> list[float]:
        """A colour as numbers."""
        return colours.to_numbers(colour)


def _kind(table: Any) -> str:
    is_label = isinstance(table, Label) or (isinstance(table, dict) and "labels" in table)
    return _LABEL if is_label else _COLOUR


Condition = Annotated[Annotated[Label, Tag(_LABEL)] | Annotated[Colour, Tag(_COLOUR)], Discriminator(_kind)]
ConditionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Conditions(RootModel[dict[ConditionName, Condition]]):
    """The conditions of a recipe, by name, in order; false if there are none.

    Values are texts by name: a label, or a colour in any form that `colours.parse` takes.
    """

    root: dict[ConditionName, Condition] = {}

    @model_validator(mode="before")
    @classmethod
    def _names_are_regions(cls, tables: Any) -> Any:
        if not isinstance(tables, dict):
            return tables
        return {
            name: {"region": name} | table if isinstance(table, dict) and _kind(table) == _COLOUR else table
            for name, table in tables.items()
        }

    def __len__(self) -> int:
        return len(self.root)

    def __eq__(self, other: object) -> bool:
        """Equal conditions in another order have other vectors, so they are not equal."""
        return isinstance(other, Conditions) and self.model_dump_json() == other.model_dump_json()

    def __hash__(self) -> int:
        """Equal conditions have equal hashes."""
        return hash(self.model_dump_json())

    @property
    def labels(self) -> dict[str, Label]:
        """The conditions that are labels."""
        return {name: condition for name, condition in self.root.items() if isinstance(condition, Label)}

    @property
    def colours(self) -> dict[str, Colour]:
        """The conditions that are colours."""
        return {name: condition for name, condition in self.root.items() if isinstance(condition, Colour)}

    @property
    def width(self) -> int:
        """The length of a condition vector, and the number of planes that a generator is given."""
        return sum(condition.width for condition in self.root.values())

    def places(self) -> dict[str, slice]:
        """The part of a condition vector that belongs to each condition."""
        places, start = {}, 0
        for name, condition in self.root.items():
            places[name] = slice(start, start + condition.width)
            start += condition.width
        return places

    def resolve(self, values: Mapping[str, str] | None = None) -> dict[str, str]:
        """All conditions in canonical form: a label, or `#rrggbb`; defaults for those not given.

        Raises S2FError for an unknown condition or label, and for a text that is no colour.
        """
        given = dict(values or {})
        for name in given:
            if name not in self.root:
                hint = registry.did_you_mean(name, list(self.root)) if self else f"leave out {name}"
                raise S2FError(f"the model has no condition {name!r}", hint)
        return {
            name: condition.parse(name, given[name]) if name in given else condition.default
            for name, condition in self.root.items()
        }

    def vector(self, values: Mapping[str, str] | None = None) -> list[float]:
        """The condition vector of values, with defaults for those not given; raises S2FError as `resolve`."""
        resolved = self.resolve(values)
        return [
            number for name, condition in self.root.items() for number in condition.encode(resolved[name])
        ]

    def expand(self, values: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """Yield values in which each label that is `all` is replaced by one label after the other."""
        choices = [
            list(self.labels[name].labels) if value == ALL and name in self.labels else [value]
            for name, value in values.items()
        ]
        yield from (dict(zip(values, choice, strict=True)) for choice in product(*choices))

    def of_attributes(self, attributes: Mapping[str, str]) -> dict[str, str]:
        """The labels that attributes of a data set's entry mean, without those that mean none."""
        found = {name: label.meant_by(attributes.get(name)) for name, label in self.labels.items()}
        return {name: label for name, label in found.items() if label is not None}
