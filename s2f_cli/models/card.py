"""The card of a model: what the file of its weights says about it. Reading it does not import torch."""

from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Annotated

import safetensors
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from s2f_cli.core import marks
from s2f_cli.core.errors import BundleError, first_line
from s2f_cli.core.version import __version__
from s2f_cli.models.domains import Domain
from s2f_cli.models.recipes.upgrade import SavedRecipe

FORMAT = 1
KEY = "s2f"
"""The key of the card in the metadata of a safetensors file."""


class Card(BaseModel):
    """The description of a model: its recipe (size, channels, directions) and how it was trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    recipe: SavedRecipe
    step: Annotated[int, Field(ge=0)]
    """Training steps done."""
    total_steps: Annotated[int, Field(ge=0)] = 0
    """Steps of the whole training; 0 in cards that do not say, as those of version 0.1.0."""
    seed: int
    data: str
    """Source and split rule of the training data."""
    data_digest: str
    """`Manifest.digest()` of the training data."""
    licence: str = ""
    """The licence of the training data, which the weights inherit."""
    alignment: str = ""
    """The preset of `s2f align` that prepared the training photos; empty if they were not aligned."""
    command: str = ""
    """The command that trained the model."""
    notes: dict[str, str] = {}
    """Remarks by topic: who is and is not in the data, limits, known failures.

    Of `limits`, `s2f translate` quotes the sentences that name dark photos, profiles or heads close together
    (`inference.weak_inputs`).
    """
    scores: dict[str, float] = {}
    """Scores by metric, measured by the author of the model."""
    s2f: str = __version__
    torch: str = Field(default_factory=partial(metadata.version, "torch"))

    @property
    def directions(self) -> tuple[Domain, ...]:
        """The domains the model can translate to."""
        return tuple(self.recipe.directions)

    def mark(self, source: str = marks.TRAINED) -> marks.Mark:
        """The mark of an image that the model made, or of which it made a part (`marks.COMPOSITE`)."""
        return marks.Mark(source, self.recipe.name, f"{self.s2f}, step {self.step}")

    @property
    def length(self) -> int:
        """Steps of the whole training; 0 if neither the card nor its recipe says."""
        steps = [stage.steps for stage in self.recipe.stages]
        return self.total_steps or (0 if None in steps else sum(number or 0 for number in steps))

    @property
    def finished(self) -> bool:
        """Whether the training has reached its end, as far as the card says."""
        return self.step >= self.length


def read_card(path: Path) -> Card:
    """Read the card of a bundle without its weights.

    Raises BundleError if the file is missing, damaged, not a safetensors file, or not written by s2f.
    """
    if not path.is_file():
        raise BundleError(f"there is no model file {path}", "train one with `s2f train RECIPE`")
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            found = file.metadata() or {}
    except (safetensors.SafetensorError, OSError, UnicodeDecodeError) as problem:
        if path.suffix in {".pt", ".pth", ".pkl", ".ckpt", ".bin"}:
            raise BundleError(
                f"{path} is a pickled checkpoint, which can run arbitrary code when loaded",
                "use a .safetensors bundle written by s2f; train one with `s2f train RECIPE`",
            ) from None
        raise BundleError(
            f"{path} is not a safetensors file, or is damaged ({first_line(problem)})",
            "copy it again, or train it again with `s2f train RECIPE`",
        ) from None
    if KEY not in found:
        raise BundleError(
            f"{path} is a safetensors file of another program: it has no s2f card",
            "use a model written by `s2f train`",
        )
    try:
        card = Card.model_validate_json(found[KEY])
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BundleError(
            f"the card in {path} is invalid: {where}: {first['msg']}",
            "upgrade s2f: a newer version may have written it",
        ) from None
    if card.format != FORMAT:
        raise BundleError(
            f"{path} has format {card.format}, not {FORMAT}", "use the version of s2f that wrote it"
        )
    return card
