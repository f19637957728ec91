"""Prepare a data set from the name of a source: the Python form of `s2f prepare SOURCE`."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from s2f_cli.core import registry
from s2f_cli.core.errors import DataError
from s2f_cli.core.parallel import Engine
from s2f_cli.data.preparation import PrepareSettings, Summary, prepare
from s2f_cli.data.source import Source
from s2f_cli.inference.sketchers import find_styles


def prepare_by_name(
    source: str | Source,
    output: str | Path = "data",
    *,
    overwrite: bool = False,
    workers: int = 0,
    engine: Engine = "local",
    on_progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> Summary:
    """Prepare a data set from a source, as `s2f prepare SOURCE` does.

    Files that cannot be used are left out: `summary.header.left_out` gives the reasons. An interrupted
    preparation resumes when the call is repeated.

    Args:
        source: The name of a source, such as "folders" or "cufs", or a `Source`.
        output: The folder of the data set.
        overwrite: Replace an existing data set.
        workers: Number of processes; 0 is one per core.
        engine: "local", or "ray" for a Ray cluster.
        on_progress: Called with the number of finished items and of all items.
        **options: The options of `s2f prepare SOURCE --help`, with underscores: faces="photos",
            test_share=0.1. A repeatable option takes a list.

    Raises:
        MissingPart: There is no source, sketcher or model of that name.
        DataError: An option is unknown or missing, the source is missing or has no usable image, or
            `output` exists.
        S2FError: The disk is full or not writable.
    """
    if isinstance(source, str):
        source_class = registry.find("sources", source)
        chosen = _instance(source_class, options)
        known = {*_names(source_class), *_names(PrepareSettings)}
    else:
        chosen, known = source, _names(PrepareSettings)
    for name in options:
        if name not in known:
            hint = registry.did_you_mean(name, sorted(known))
            raise DataError(f"{chosen.name} has no option {name!r}", hint)
    settings: PrepareSettings = _instance(PrepareSettings, options)
    return prepare(
        chosen,
        Path(output),
        settings,
        styles=find_styles(settings.sketcher),
        overwrite=overwrite,
        workers=workers,
        engine=engine,
        on_progress=on_progress,
    )


def _names(dataclass: type) -> set[str]:
    return {field.name for field in fields(dataclass)} if is_dataclass(dataclass) else set()


def _instance(dataclass: Any, options: Mapping[str, Any]) -> Any:
    """Build the dataclass from the options that are its fields; strings become paths where expected."""
    hints = get_type_hints(dataclass)
    values = {name: _value(hints[name], options[name]) for name in _names(dataclass) & options.keys()}
    try:
        return dataclass(**values)
    except TypeError as problem:
        reason = str(problem).partition("() ")[2]
        raise DataError(
            f"{dataclass.__name__.lower()}: {reason}", "see `s2f prepare SOURCE --help`"
        ) from None


def _value(hint: Any, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_value(hint, item) for item in value)
    return Path(value) if isinstance(value, str) and (hint is Path or Path in _inner(hint)) else value


def _inner(hint: Any) -> tuple[Any, ...]:
    """The types inside a union or a tuple."""
    return get_args(hint)
