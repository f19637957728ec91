"""Starting from the weights of another model, as far as they fit (report C §4.2, report A §2.2)."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import safetensors.torch
import torch
from torch import Tensor

from s2f_cli.core.errors import RunError
from s2f_cli.models import bundle, locate
from s2f_cli.models.roles import Networks
from s2f_cli.training import run_folder


class Match(NamedTuple):
    """How many tensors of a role were taken, have another shape there, and are not there at all."""

    role: str
    taken: int
    reshaped: int
    missing: int


def weights_of(path: Path) -> dict[str, Tensor]:
    """The weights of a bundle file, or of a run folder's last state, critics included; by role and name.

    Raises RunError or BundleError when there is neither, or the file is damaged.
    """
    if path.is_dir() and (state := run_folder.Run.open(path).load()) is not None:
        return state["networks"]
    file = locate.locate(path)
    bundle.read_card(file)
    return safetensors.torch.load_file(file)


@torch.no_grad()
def transfer(networks: Networks, weights: Mapping[str, Tensor]) -> list[Match]:
    """Copy the weights whose role, name and shape are the same; one Match for each role that has any.

    Raises RunError when none of them is.
    """
    matches: list[Match] = []
    for role, network in networks.items():
        own = {name: tensor for name, tensor in network.state_dict().items() if tensor.numel()}
        given = {name: weights[f"{role}.{name}"] for name in own if f"{role}.{name}" in weights}
        fitting = {name: tensor for name, tensor in given.items() if tensor.shape == own[name].shape}
        for name, tensor in fitting.items():
            own[name].copy_(tensor)
        if own:
            matches.append(Match(role, len(fitting), len(given) - len(fitting), len(own) - len(given)))
    if not any(match.taken for match in matches):
        there = sorted({name.split(".")[0] for name in weights})
        raise RunError(
            f"none of its weights fits: it has the roles {', '.join(there)}, "
            f"the recipe has {', '.join(match.role for match in matches)}",
            "start from a model whose networks have the same roles, parts and options",
        )
    return matches
