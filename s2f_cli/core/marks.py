"""Marks on images that a model made, as XMP that other programs understand.

A mark holds the `DigitalSourceType` of the IPTC Photo Metadata Standard, a code of the IPTC's NewsCodes, and
the name and version of the system, which version 2025.1 of the standard added.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from s2f_cli.core.version import __version__

TRAINED = "trainedAlgorithmicMedia"
"""Made by a model that was trained on images."""
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
"""A photo of which a part was made by a model."""

_CODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SOURCE = "Iptc4xmpExt:DigitalSourceType"
_MODEL, _VERSION = "Iptc4xmpExt:AISystemUsed", "Iptc4xmpExt:AISystemVersionUsed"
_PROGRAM = "xmp:CreatorTool"


@dataclass(frozen=True)
class Mark:
    """What an image file says about how it was made."""

    source: str
    """A code of IPTC's digital source types, such as `TRAINED`."""
    model: str = ""
    version: str = ""
    """The version of the model."""
    program: str = f"s2f {__version__}"
    """The program that wrote the file."""

    @property
    def is_made(self) -> bool:
        """Whether a trained model made the image, or a part of it."""
        return self.source in (TRAINED, COMPOSITE)

    @property
    def properties(self) -> dict[str, str]:
        """The mark as properties of XMP."""
        values = (_CODES + self.source, self.model, self.version, self.program)
        return dict(zip((_SOURCE, _MODEL, _VERSION, _PROGRAM), values, strict=True))


def mark_in(properties: Mapping[str, str]) -> Mark | None:
    """The mark among the properties of a file, of any program; None if there is none."""
    source = properties.get(_SOURCE, "").rsplit("/", 1)[-1]
    return (
        Mark(source, *(properties.get(name, "") for name in (_MODEL, _VERSION, _PROGRAM))) if source else None
    )
