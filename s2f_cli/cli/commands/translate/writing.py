"""Result files of `s2f translate`, with what they say about themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from s2f_cli.core import images, made_with, metadata
from s2f_cli.core.marks import COMPOSITE, TRAINED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from PIL import Image

    from s2f_cli.core.marks import Mark
    from s2f_cli.core.metadata import Metadata
    from s2f_cli.inference.pipeline import Pipeline


@dataclass(frozen=True)
class ResultWriter:
    """Writes the results of a pipeline."""

    pipeline: Pipeline
    marked: bool = True
    """Whether files say that a model made the image, and which one."""
    keeps_metadata: bool = False
    """Whether files have the date, the place and the colour profile of their photo."""
    note: str = ""
    """The settings that make the results (`core.made_with`)."""

    def write(self, image: Image.Image, file: Path, source: Path | BinaryIO) -> None:
        """Write the result of a photo, which `source` holds; raises as `images.write`."""
        images.write(image, file, flush=False, note=self.note, metadata=self._metadata(source))

    def encode(self, image: Image.Image, kind: str, source: Path | BinaryIO) -> bytes:
        """Encode the result of a photo in a Pillow format."""
        return images.encode(image, kind, self.note, self._metadata(source))

    def write_composite(self, image: Image.Image, file: Path) -> None:
        """Write an image of photos and results beside each other; raises as `images.write`."""
        images.write(image, file, flush=False, metadata=metadata.Metadata(self._mark(COMPOSITE)))

    def properties(self) -> Mapping[str, str]:
        """The mark and the note of a result, as properties of XMP."""
        mark = self._result_mark()
        return {**(mark.properties if mark else {}), **made_with.properties(self.note)}

    def _metadata(self, source: Path | BinaryIO) -> Metadata:
        kept = metadata.of_photo(source) if self.keeps_metadata else metadata.Metadata()
        return replace(kept, mark=self._result_mark())

    def _result_mark(self) -> Mark | None:
        return self._mark(COMPOSITE if self.pipeline.paste_back == "photo" else TRAINED)

    def _mark(self, source: str) -> Mark | None:
        return self.pipeline.translator.card.mark(source) if self.marked else None
