"""Initial weights from another model, as far as they fit (report C §4.2, report A §2.2)."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from s2f_cli.core.errors import RunError
from s2f_cli.models import bundle, locate
from s2f_cli.models.card import read_card
from s2f_cli.models.roles import Networks
from s2f_cli.training import run_folder


class Match(NamedTuple):
    """How many of a role's tensors were copied from a source."""

    role: str
    taken: int
    """Tensors that were copied."""
    reshaped: int
    """Tensors that have another shape in the source."""
    missing: int
    """Tensors that the source lacks."""


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read the weights of a bundle, or of a run folder, by `role.name`.

    A run folder has its model, whose weights may be averaged, and the critics of its last state. Raises
    RunError or BundleError if the path is neither, or the file is damaged.
    """
    if path.is_dir() and (state := run_folder.Run.open(path).load()) is not None:
        return state["networks"] | bundle.load_weights(locate.locate(path))
    file = locate.locate(path)
    read_card(file)
    return bundle.load_weights(file)


@torch.no_grad()
def copy_matching(networks: Networks, weights: Mapping[str, Tensor]) -> list[Match]:
    """Copy the weights with the same role, name and shape; return a Match for each role that has weights.

    Raises RunError if there are none.
    """
    matches: list[Match] = []
    for role, network in networks.items():
        own = {name: tensor for name, tensor in network.state_dict().items() if tensor.numel()}
        present = {name: weights[f"{role}.{name}"] for name in own if f"{role}.{name}" in weights}
        fitting = {name: tensor for name, tensor in present.items() if tensor.shape == own[name].shape}
        for name, tensor in fitting.items():
            own[name].copy_(tensor)
        if own:
            matches.append(Match(role, len(fitting), len(present) - len(fitting), len(own) - len(present)))
    if not any(match.taken for match in matches):
        source_roles = sorted({name.split(".")[0] for name in weights})
        raise RunError(
            f"none of its weights fits: it has the roles {', '.join(source_roles)}, "
            f"the recipe has {', '.join(match.role for match in matches)}",
            "start from a model whose networks have the same roles, parts and options",
        )
    return matches
