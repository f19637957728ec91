"""A bundle: a model in one safetensors file, with the weights and a card that says how to use them.

Loading a bundle unpickles nothing and needs no further options.
"""

from pathlib import Path
from typing import Annotated

import safetensors
import safetensors.torch
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from s2f_cli.core.errors import BundleError, RecipeError, S2FError
from s2f_cli.core.files import atomic_file
from s2f_cli.core.version import __version__
from s2f_cli.models.build import build_networks
from s2f_cli.models.domains import Domain
from s2f_cli.models.recipes.upgrade import SavedRecipe
from s2f_cli.models.roles import Networks

FORMAT = 1
_KEY = "s2f"


class Card(BaseModel):
    """The description of a model: its recipe (size, channels, directions) and how it was trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    recipe: SavedRecipe
    step: Annotated[int, Field(ge=0)]
    """Training steps done."""
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
    """Remarks by topic: who is and is not in the data, limits, known failures."""
    scores: dict[str, float] = {}
    """Scores by metric, measured by the author of the model."""
    s2f: str = __version__
    torch: str = torch.__version__

    @property
    def directions(self) -> tuple[Domain, ...]:
        """The domains the model can translate to."""
        return tuple(self.recipe.directions)


def save(path: Path, networks: Networks, card: Card) -> None:
    """Write the card and the networks used by the recipe's chains to one file, atomically.

    Equal weights and cards give equal bytes. Raises S2FError if the file cannot be written.
    """
    used = card.recipe.used
    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in networks.state_dict().items()
        if name.split(".")[0] in used
    }
    with atomic_file(path) as temporary:
        try:
            safetensors.torch.save_file(tensors, temporary, metadata={_KEY: card.model_dump_json()})
        except safetensors.SafetensorError as problem:
            raise S2FError(f"cannot write {path}: {problem}", "check that the disk has room") from None


def read_card(path: Path) -> Card:
    """Read the card of a bundle without its weights.

    Raises BundleError if the file is missing, damaged, not a safetensors file, or not written by s2f.
    """
    if not path.is_file():
        raise BundleError(f"there is no model file {path}", "train one with `s2f train RECIPE`")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (safetensors.SafetensorError, OSError, UnicodeDecodeError) as problem:
        if path.suffix in {".pt", ".pth", ".pkl", ".ckpt", ".bin"}:
            raise BundleError(
                f"{path} is a pickled checkpoint, which can run arbitrary code when loaded",
                "use a .safetensors bundle written by s2f; train one with `s2f train RECIPE`",
            ) from None
        raise BundleError(
            f"{path} is not a safetensors file, or is damaged ({problem})",
            "copy it again, or train it again with `s2f train RECIPE`",
        ) from None
    if _KEY not in metadata:
        raise BundleError(
            f"{path} is a safetensors file of another program: it has no s2f card",
            "use a model written by `s2f train`",
        )
    try:
        card = Card.model_validate_json(metadata[_KEY])
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


def load(path: Path) -> tuple[Networks, Card]:
    """Load the networks of a bundle, in evaluation mode on the CPU in float32, and its card.

    A bundle holds only the roles used by the recipe's chains, so it has no critics. Raises BundleError as
    `read_card` does, and if the weights do not fit the networks described by the card.
    """
    card = read_card(path)
    recipe = card.recipe
    used = {role: table for role, table in sorted(recipe.networks.items()) if role in recipe.used}
    try:
        with torch.device("meta"):
            networks = build_networks(recipe.model_copy(update={"networks": used}))
    except RecipeError as problem:
        raise BundleError(
            f"the networks in {path} cannot be built: {problem.message}",
            "upgrade s2f: a newer version may have written it",
        ) from None
    try:
        networks.load_state_dict(safetensors.torch.load_file(path), assign=True)
    except (RuntimeError, safetensors.SafetensorError) as problem:
        raise BundleError(
            f"the weights in {path} do not fit its card: {str(problem).splitlines()[0]}",
            "copy it again, or train it again with `s2f train RECIPE`",
        ) from None
    return networks.float().eval().requires_grad_(False), card
