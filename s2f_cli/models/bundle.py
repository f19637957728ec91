"""A bundle: a model in one safetensors file, with the weights and a card that says how to use them.

Loading a bundle unpickles nothing and needs no further options.
"""

from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch

from s2f_cli.core.errors import BundleError, RecipeError, S2FError, first_line
from s2f_cli.core.files import atomic_file
from s2f_cli.models import graphs as stored
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import KEY, Card, read_card
from s2f_cli.models.graphs import Graph
from s2f_cli.models.roles import Networks


def save(path: Path, networks: Networks, card: Card, graphs: Mapping[str, Graph] | None = None) -> None:
    """Write the card and the networks used by the recipe's chains to one file, atomically.

    `graphs` are the networks as ONNX, from `tracing.trace`, for use without torch. Equal weights, cards and
    graphs give equal bytes. Raises S2FError if the file cannot be written.
    """
    used = card.recipe.used
    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in networks.state_dict().items()
        if name.split(".")[0] in used
    }
    if graphs:
        tensors[stored.KEY] = torch.from_numpy(stored.dump(graphs))
    with atomic_file(path) as temporary:
        try:
            safetensors.torch.save_file(tensors, temporary, metadata={KEY: card.model_dump_json()})
        except safetensors.SafetensorError as problem:
            raise S2FError(f"cannot write {path}: {problem}", "check that the disk has room") from None


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
        networks.load_state_dict(load_weights(path), assign=True)
    except (RuntimeError, safetensors.SafetensorError) as problem:
        raise BundleError(
            f"the weights in {path} do not fit its card: {first_line(problem)}",
            "copy it again, or train it again with `s2f train RECIPE`",
        ) from None
    return networks.float().eval().requires_grad_(False), card


def load_weights(path: Path) -> dict[str, torch.Tensor]:
    """Load the weights of a bundle by `role.name`; raises SafetensorError if the file is damaged."""
    return {name: tensor for name, tensor in safetensors.torch.load_file(path).items() if name != stored.KEY}
