"""A translated photo: what the pipeline yields."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from s2f_cli.faces.align import AlignedFace


@dataclass(frozen=True)
class Translation:
    """A translated photo."""

    photo: Image.Image
    """The input, upright, mode `L` or `RGB`."""
    faces: Sequence[AlignedFace]
    """The faces that were found, aligned and translated; empty if the photo was translated as it is."""
    inputs: Sequence[Image.Image]
    """The photo; or each aligned face, if faces were found and not pasted back."""
    results: Sequence[Sequence[Image.Image]]
    """The results of each input: the samples of each variant of the pipeline."""
    no_face: bool = False
    """Whether a face was looked for and not found."""

    @property
    def image(self) -> Image.Image:
        """The first result of the first input."""
        return self.results[0][0]

    @property
    def face_records(self) -> list[dict[str, Any]]:
        """Landmarks, box, confidence and transform of each face, as plain values for JSON."""
        return [face.record() for face in self.faces]
