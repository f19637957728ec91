"""How any source is prepared: the options that every `s2f prepare NAME` has."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from s2f_cli.core import registry
from s2f_cli.core.errors import DataError
from s2f_cli.core.images import Fit
from s2f_cli.faces import align as aligning
from s2f_cli.faces.geometry import preset

Only = Literal["both", "face", "sketch"]
Duplicates = Literal["across", "all", "ignore"]

_WHERE = re.compile(r"(?P<attribute>[^=]+)=(?P<value>[^:]+)")
_THIN = re.compile(_WHERE.pattern + r":(?P<rate>1/[1-9]\d*|0?\.\d+)")


@dataclass(frozen=True)
class PrepareSettings:
    """How any source is prepared; raises DataError for values that make no sense."""

    size: Annotated[
        int | None, "Resize to a square of so many pixels; with --align, the width of the face."
    ] = None
    fit: Annotated[Fit, "How an oblong image becomes a square: cut to its centre, or squash it."] = "crop"
    align: Annotated[str, "Align every face and sketch first: report-b, cufs or ffhq, as in `s2f align`."] = (
        ""
    )
    eyes: Annotated[
        Path | None,
        "With --align, a CSV of eyes found by hand: file,left_x,left_y,right_x,right_y; file is the path of "
        "a picture, or the end of it.",
    ] = None
    min_eyes: Annotated[
        float, "With --align, leave out faces whose eyes are fewer pixels apart (outer corners)."
    ] = 20.0
    only: Annotated[Only, "Take only the faces, or only the sketches."] = "both"
    sketcher: Annotated[
        str, "Draw the missing sketch of every face with this sketcher, as `s2f sketchify`."
    ] = ""
    where: Annotated[
        tuple[str, ...], "Take only those with this attribute: Male=no. Several must all hold."
    ] = ()
    thin: Annotated[tuple[str, ...], "Take only a share of those with it: Smiling=yes:1/20 (report B)."] = ()
    balance: Annotated[str, "Take equally many of each value of this attribute."] = ""
    count: Annotated[int | None, "Take only so many, drawn with the seed."] = None
    test_share: Annotated[float, "The share of people in the test split, where no published list says."] = 0.2
    duplicates: Annotated[
        Duplicates,
        "Of pictures that are equal or nearly: leave out those across a split, or all but one, or ignore it.",
    ] = "across"
    seed: Annotated[int, "The seed of everything random."] = 0

    def __post_init__(self) -> None:
        if self.sketcher:
            registry.find("sketchers", self.sketcher)
        if self.align:
            preset(self.align, self.size)
        elif self.eyes:
            raise DataError("--eyes does nothing without --align", "say with --align how faces are aligned")
        if not self.align and self.size is not None and not 8 <= self.size <= 8192:
            raise DataError(f"--size {self.size} is out of range", "give 8 to 8192 pixels")
        if not 0 <= self.test_share < 1:
            raise DataError(
                f"--test-share {self.test_share} is not a share", "give a number from 0 to below 1"
            )
        if self.count is not None and self.count < 1:
            raise DataError(f"--count {self.count} leaves nothing", "give 1 or more")
        self.wanted()
        self.rates()

    def wanted(self) -> list[tuple[str, str]]:
        """The attributes and values of `where`."""
        found = [_WHERE.fullmatch(rule) for rule in self.where]
        if None in found:
            raise DataError(
                f"--where {self.where[found.index(None)]!r} is not clear", "write ATTRIBUTE=VALUE"
            )
        return [(m["attribute"], m["value"]) for m in found if m]

    def rates(self) -> list[tuple[str, str, float]]:
        """The attributes, values and shares of `thin`."""
        found = [_THIN.fullmatch(rule) for rule in self.thin]
        if None in found:
            rule = self.thin[found.index(None)]
            raise DataError(f"--thin {rule!r} is not clear", "write ATTRIBUTE=VALUE:SHARE, with 1/20 or 0.05")
        return [(m["attribute"], m["value"], _share(m["rate"])) for m in found if m]

    def alignment(self) -> aligning.AlignSettings | None:
        """How faces are aligned, if they are."""
        if not self.align:
            return None
        return aligning.AlignSettings(preset=self.align, width=self.size, min_eyes=self.min_eyes)


def _share(text: str) -> float:
    return 1 / int(text[2:]) if text.startswith("1/") else float(text)
