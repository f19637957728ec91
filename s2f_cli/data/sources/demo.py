"""The source `demo`: drawn faces, and one photo that comes with scikit-image."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.data import drawn_faces
from s2f_cli.data.options import Option
from s2f_cli.data.source import Item, LeftOut, Source

__all__ = ["Demo"]

_FACE_OF_ASTRONAUT = (124, 22, 316, 214)


@dataclass(frozen=True)
class Demo(Source):
    """Drawn faces with attributes, and their sketches by the filter `pencil`; ready in seconds."""

    name: ClassVar[str] = "demo"
    homepage: ClassVar[str] = ""
    licence: ClassVar[str] = "drawings: MIT, as s2f; the photo of Eileen Collins: NASA, public domain"
    layout: ClassVar[str] = "No download: the faces are drawn, and one photo comes with scikit-image."
    examples: ClassVar[tuple[str, ...]] = (
        "s2f prepare demo",
        "s2f prepare demo --count 500 --where glasses=no --output no-glasses",
    )

    count: Annotated[int, Option("Number of pairs.", "N")] = 64
    seed: Annotated[int, Option("Seed of the faces and of all other random choices.", "SEED")] = 0

    def __post_init__(self) -> None:
        if not 2 <= self.count <= 100_000:
            raise DataError(f"--count {self.count} is out of range", "use 2 to 100000")

    def items(self) -> Iterator[Item | LeftOut]:
        """256×256 RGB faces, a quarter of them for testing; the sketcher `pencil` draws the sketches."""
        for number in range(self.count - 1):
            looks = drawn_faces.looks(self.seed, number)
            yield Item(
                name=f"drawn-{number:04}",
                images={"face": partial(drawn_faces.draw, looks)},
                identity=f"drawn-{number:04}",
                split="test" if number % 4 == 3 else "train",
                sketcher="pencil",
                attributes=looks.attributes(),
            )
        yield Item("astronaut", {"face": astronaut}, "eileen-collins", split="test", sketcher="pencil")

    def split_rule(self) -> str:
        """Every fourth face is in the test split."""
        return "demo-every-fourth"


def astronaut() -> Image.Image:
    """The face in scikit-image's photo of an astronaut, 256×256 RGB."""
    from skimage import data

    photo = Image.fromarray(data.astronaut())
    return photo.resize((256, 256), Image.Resampling.BICUBIC, box=_FACE_OF_ASTRONAUT)
