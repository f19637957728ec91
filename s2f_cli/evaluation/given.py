"""What models are given about the people they are scored on."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from s2f_cli.core import images
from s2f_cli.core.errors import S2FError
from s2f_cli.core.registry import did_you_mean
from s2f_cli.evaluation.ground_truth import Person
from s2f_cli.inference.conditions import eyes_of, measured
from s2f_cli.models.recipes.conditions import Conditions

LABELS, COLOURS, ALL, NONE = "labels", "colours", "all", "none"
_GROUPS = (LABELS, COLOURS, ALL, NONE)


class Given:
    """Which conditions come from the ground truth, and which have one value for all people.

    `names` are conditions, or the groups `labels`, `colours`, `all` and `none`. A label of the ground truth
    is what the recipe makes of a person's attributes; a colour is measured on the person's photo, as training
    measures it, and only once. `fixed` has values by condition, and takes precedence. All others, and what
    is not known of a person, have the default of the model.
    """

    def __init__(self, names: Sequence[str] = (LABELS,), fixed: Mapping[str, str] | None = None) -> None:
        self._names, self._fixed = names, dict(fixed or {})
        self._measured: dict[tuple[Path, Conditions], Mapping[str, str]] = {}

    def require(self, models: Iterable[Conditions]) -> None:
        """Raise S2FError for a name or a fixed condition that none of these models has."""
        known = list(dict.fromkeys(name for conditions in models for name in conditions.root))
        for name in (*self._names, *self._fixed):
            if name not in known and (name in self._fixed or name not in _GROUPS):
                words = known if name in self._fixed else [*known, *_GROUPS]
                hint = did_you_mean(name, words) if known else "leave it out: they are given nothing"
                raise S2FError(f"none of the models has a condition {name!r}", hint)

    def values(self, conditions: Conditions, person: Person) -> dict[str, str]:
        """What a model with these conditions is given about a person; what has the default is missing.

        Raises S2FError for a fixed value that the model does not have, ImageError if the person's photo is
        needed and cannot be read.
        """
        names = self._from_truth(conditions)
        values = dict(conditions.of_attributes(person.attributes))
        if not conditions.colours.keys().isdisjoint(names) and "face" in person.files:
            values |= self._colours(conditions, person)
        return {name: values[name] for name in names if name in values} | self._fixed_for(conditions)

    def describe(self, conditions: Conditions, people: Sequence[Person]) -> dict[str, str]:
        """In words, what a model is given about these people, by condition."""
        names, fixed = self._from_truth(conditions), self._fixed_for(conditions)
        described = {}
        for name, condition in conditions.root.items():
            if name in fixed:
                described[name] = fixed[name]
            elif name not in names:
                described[name] = f"{condition.default} (default)"
            elif name in conditions.colours:
                described[name] = "measured on each photo"
            else:
                described[name] = "of each image"
                unknown = sum(name not in conditions.of_attributes(p.attributes) for p in people)
                if unknown:
                    described[name] += f" ({condition.default} for {unknown} without)"
        return described

    def _from_truth(self, conditions: Conditions) -> list[str]:
        """The conditions of a model that come from the ground truth."""
        groups = {
            LABELS: list(conditions.labels),
            COLOURS: list(conditions.colours),
            ALL: list(conditions.root),
            NONE: [],
        }
        names = [name for given in self._names for name in groups.get(given, [given])]
        return [name for name in conditions.root if name in names and name not in self._fixed]

    def _fixed_for(self, conditions: Conditions) -> dict[str, str]:
        """The fixed values of a model's conditions, in canonical form."""
        own = {name: value for name, value in self._fixed.items() if name in conditions.root}
        resolved = conditions.resolve(own)
        return {name: resolved[name] for name in own}

    def _colours(self, conditions: Conditions, person: Person) -> Mapping[str, str]:
        key = person.files["face"], conditions
        if key not in self._measured:
            photo = images.read(person.files["face"])
            eyes = eyes_of(photo, person.alignment.get("face"))
            self._measured[key] = measured(photo, conditions, eyes)
        return self._measured[key]
