"""The settings of a preparation: the options that every `s2f prepare SOURCE` has."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from s2f_cli.core import registry
from s2f_cli.core.errors import DataError
from s2f_cli.core.images import Fit
from s2f_cli.data.options import Option
from s2f_cli.faces.align import AlignSettings
from s2f_cli.faces.geometry import PRESETS, preset

Only = Literal["both", "face", "sketch"]
Duplicates = Literal["across", "all", "ignore"]

_WHERE = re.compile(r"(?P<attribute>[^=]+)=(?P<value>[^:]+)")
_THIN = re.compile(_WHERE.pattern + r":(?P<share>1/[1-9]\d*|0?\.\d+)")

_SKETCHERS = ", ".join(registry.names("sketchers"))
_PRESETS = ", ".join(PRESETS)
_IMAGES, _FACES, _SELECTION, _SPLITS = "Images", "Faces", "Selection", "Splits"


@dataclass(frozen=True)
class PrepareSettings:
    """How to choose, align, resize and split the items of any source.

    Raises DataError for a value out of range, an unknown preset, or a rule that does not parse.
    """

    size: Annotated[
        int | None,
        Option("Resize to a square of this side; with --align, face width.", "PIXELS", _IMAGES),
    ] = None
    fit: Annotated[
        Fit, Option("How an oblong image becomes a square: crop to its centre, or squash.", "FIT", _IMAGES)
    ] = "crop"
    sketcher: Annotated[
        str,
        Option(
            f"Draw missing sketches from the faces, or with --only face all: {_SKETCHERS}, or a model, as "
            "MODEL or MODEL:STYLE. Of several, with commas, one draws each face.",
            "SKETCHER",
            _IMAGES,
        ),
    ] = ""
    drawings: Annotated[
        int, Option("Sketches to draw of each face, by different sketchers.", "N", _IMAGES)
    ] = 1
    align: Annotated[
        str, Option(f"Align every face and sketch as `s2f align` does: {_PRESETS}.", "PRESET", _FACES)
    ] = ""
    eyes: Annotated[
        Path | None,
        Option(
            "Eyes found by hand, for --align: a CSV of file,left_x,left_y,right_x,right_y; file may be a "
            "path suffix.",
            "CSV",
            _FACES,
        ),
    ] = None
    min_eyes: Annotated[
        float,
        Option("With --align, leave out faces with outer eye corners closer than this.", "PIXELS", _FACES),
    ] = 20.0
    find_eyes: Annotated[
        bool,
        Option("Record the eyes in each photo, for recipes that are given colours of the face.", "", _FACES),
    ] = False
    only: Annotated[
        Only, Option("Take faces and sketches (both), or only one: face or sketch.", "DOMAIN", _SELECTION)
    ] = "both"
    where: Annotated[
        tuple[str, ...],
        Option("Take only items with an attribute: Male=no. Repeat to require several.", "RULE", _SELECTION),
    ] = ()
    thin: Annotated[
        tuple[str, ...],
        Option("Take only a share of the items with an attribute: Smiling=yes:1/20.", "RULE", _SELECTION),
    ] = ()
    balance: Annotated[
        str, Option("Take the same number of items per value of this attribute.", "ATTRIBUTE", _SELECTION)
    ] = ""
    count: Annotated[int | None, Option("Take this many photos, drawn at random.", "N", _SELECTION)] = None
    test_share: Annotated[
        float, Option("Share of people in the test split, for those on no published list.", "SHARE", _SPLITS)
    ] = 0.2
    val_share: Annotated[
        float,
        Option("Share of the people in the train split to hold out as the split val.", "SHARE", _SPLITS),
    ] = 0.0
    duplicates: Annotated[
        Duplicates,
        Option(
            "Equal and nearly equal images: drop those across splits (across), all but one (all), or none "
            "(ignore).",
            "POLICY",
            _SPLITS,
        ),
    ] = "across"
    seed: Annotated[int, Option("Seed of all random choices.", "SEED", _SPLITS)] = 0

    def __post_init__(self) -> None:
        if self.align:
            preset(self.align, self.size)
        elif self.eyes:
            raise DataError("--eyes has no effect without --align", "choose a preset with --align")
        if not self.align and self.size is not None and not 8 <= self.size <= 8192:
            raise DataError(f"--size {self.size} is out of range", "use 8 to 8192 pixels")
        for option, share in {"--test-share": self.test_share, "--val-share": self.val_share}.items():
            if not 0 <= share < 1:
                raise DataError(f"{option} {share} is out of range", "use a share from 0 to below 1")
        for option, number in {"--count": self.count, "--drawings": self.drawings}.items():
            if number is not None and number < 1:
                raise DataError(f"{option} {number} is out of range", "use 1 or more")
        self.where_rules()
        self.thin_rules()

    def where_rules(self) -> list[tuple[str, str]]:
        """The attributes and values of `where`."""
        return [
            (m["attribute"], m["value"]) for m in _parse(_WHERE, "--where", self.where, "ATTRIBUTE=VALUE")
        ]

    def thin_rules(self) -> list[tuple[str, str, float]]:
        """The attributes, values and shares of `thin`."""
        form = "ATTRIBUTE=VALUE:SHARE, with a share of 1/20 or 0.05"
        return [
            (m["attribute"], m["value"], _share(m["share"])) for m in _parse(_THIN, "--thin", self.thin, form)
        ]

    def align_settings(self) -> AlignSettings | None:
        """How to align faces; None without `align`."""
        if not self.align:
            return None
        return AlignSettings(preset=self.align, width=self.size, min_eyes=self.min_eyes)


def _parse(pattern: re.Pattern[str], option: str, rules: tuple[str, ...], form: str) -> list[re.Match[str]]:
    """The match of each rule; raises DataError for one that does not match."""
    matches = []
    for rule in rules:
        match = pattern.fullmatch(rule)
        if match is None:
            raise DataError(f"{option} {rule!r} does not parse", f"write {form}")
        matches.append(match)
    return matches


def _share(text: str) -> float:
    return 1 / int(text[2:]) if text.startswith("1/") else float(text)
