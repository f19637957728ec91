"""What models are given besides the image, as query parameters."""

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Annotated

from fastapi import HTTPException, Query

from s2f_cli.core.errors import S2FError
from s2f_cli.models.recipes.conditions import Condition, Conditions, Label

_TAKEN = ("to", "size", "format", "model", "align", "faces", "paste_back")
"""The other parameters of the API; conditions of these names keep their defaults."""


def parameters(models: Sequence[Conditions]) -> Callable[..., dict[str, str]]:
    """A dependency that returns the conditions of a request, by name.

    It has a parameter for each condition of any of the models, so the API's description lists them.
    """
    by_name: dict[str, list[Condition]] = {}
    for conditions in models:
        for name, condition in conditions.root.items():
            if name not in _TAKEN:
                by_name.setdefault(name, []).append(condition)

    def given(**values: str | None) -> dict[str, str]:
        return {name: value for name, value in values.items() if value is not None}

    given.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                default=None,
                annotation=Annotated[str | None, Query(description=_describe(known))],
            )
            for name, known in by_name.items()
        ]
    )
    return given


def check(conditions: Conditions, values: dict[str, str]) -> None:
    """Raise HTTPException, with the known values, for conditions and values that a model does not have."""
    try:
        conditions.resolve(values)
    except S2FError as problem:
        raise HTTPException(422, f"{problem.message}; {problem.hint}") from None


def _describe(known: Sequence[Condition]) -> str:
    labels = dict.fromkeys(label for each in known if isinstance(each, Label) for label in each.labels)
    colour = "" if all(isinstance(each, Label) for each in known) else "a colour: #rrggbb or a name"
    return "; ".join(filter(None, [", ".join(labels), colour])) + "; default: the model's"
