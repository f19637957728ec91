"""The settings that make the results of `s2f translate`, as a note in their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from s2f_cli.core import made_with
from s2f_cli.models import zoo

if TYPE_CHECKING:
    from s2f_cli.inference.options import TranslateOptions
    from s2f_cli.models.domains import Domain


def settings_note(
    model: Path, to: Domain, options: TranslateOptions, written: Mapping[str, str | bool]
) -> str:
    """The note of results: the model and the photo `like` by their content, and all that was asked for.

    `written` are further settings, such as the precision.

    Raises BundleError if there is no model file.
    """
    asked = asdict(options)
    del asked["samples"]  # part of the names of results
    if options.like is not None:
        like = Path(str(options.like))
        asked["like"] = zoo.sha256(like) if like.is_file() else str(like)
    return made_with.note("translate", model=zoo.sha256(model), to=to, **asked, **written)
