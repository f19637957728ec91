"""A model in one file: safetensors with a Card, so that nobody retypes flags to use it and nothing is
unpickled.
"""

from pathlib import Path
from typing import Annotated

import safetensors
import safetensors.torch
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from s2f_cli import __version__
from s2f_cli.core.errors import BundleError, RecipeError, S2FError
from s2f_cli.core.files import atomic_file
from s2f_cli.core.images import Domain
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes.upgrade import SavedRecipe
from s2f_cli.models.roles import Networks

FORMAT = 1
_KEY = "s2f"


class Card(BaseModel):
    """What a model is: how to call it (recipe: size, channels, directions) and where it came from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    recipe: SavedRecipe
    step: Annotated[int, Field(ge=0)]
    seed: int
    data: str
    """The data set's source and split rule."""
    data_digest: str
    """`Manifest.digest()` of the data it was trained on."""
    licence: str = ""
    """The terms of that data, which the weights inherit."""
    alignment: str = ""
    """How whole photos become what it was trained on: the preset of `s2f align`, or nothing."""
    command: str = ""
    """The command that trained it."""
    notes: dict[str, str] = {}
    """What its makers say of it, by topic: who is in the data and who is not, limits, known failures."""
    scores: dict[str, float] = {}
    s2f: str = __version__
    torch: str = torch.__version__

    @property
    def directions(self) -> tuple[Domain, ...]:
        """The domains it can make."""
        return tuple(self.recipe.directions)


def save(path: Path, networks: Networks, card: Card) -> None:
    """Write the networks that the recipe's chains use, and the card, to one file, whole or not at all.

    Equal weights and cards give equal bytes. Raises S2FError when the file cannot be written.
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
    """The card of a bundle, without its weights.

    Raises BundleError when the file is missing, no safetensors file, corrupted, or not written by s2f.
    """
    if not path.is_file():
        raise BundleError(f"there is no model file {path}", "train one with `s2f train RECIPE`")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (safetensors.SafetensorError, OSError, UnicodeDecodeError) as problem:
        if path.suffix in {".pt", ".pth", ".pkl", ".ckpt", ".bin"}:
            raise BundleError(
                f"{path} is a pickled checkpoint, which can run any code when it is loaded",
                "s2f loads .safetensors bundles that it wrote; train one with `s2f train RECIPE`",
            ) from None
        raise BundleError(
            f"{path} is not a safetensors file, or is damaged ({problem})",
            "copy it again, or train it again with `s2f train RECIPE`",
        ) from None
    if _KEY not in metadata:
        raise BundleError(
            f"{path} is a safetensors file of another program: it carries no s2f card",
            "s2f can only use models that `s2f train` wrote",
        )
    try:
        card = Card.model_validate_json(metadata[_KEY])
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BundleError(
            f"the card in {path} is broken: {where}: {first['msg']}",
            "it may come from a newer version of s2f",
        ) from None
    if card.format != FORMAT:
        raise BundleError(
            f"{path} has format {card.format}, not {FORMAT}", "use the version of s2f that wrote it"
        )
    return card


def load(path: Path) -> tuple[Networks, Card]:
    """The networks of a bundle, in evaluation mode on the CPU, and its card.

    Only the roles that the recipe's chains use are there; critics and the like are left out. Raises
    BundleError as `read_card` does, and when the weights do not fit the networks that the card describes.
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
            "it may come from a newer version of s2f",
        ) from None
    try:
        networks.load_state_dict(safetensors.torch.load_file(path), assign=True)
    except (RuntimeError, safetensors.SafetensorError) as problem:
        raise BundleError(
            f"the weights in {path} do not fit its card: {str(problem).splitlines()[0]}",
            "copy it again, or train it again with `s2f train RECIPE`",
        ) from None
    return networks.float().eval().requires_grad_(False), card
