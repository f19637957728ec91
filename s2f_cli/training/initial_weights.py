"""Initial weights from another model, as far as they fit (report C §4.2, report A §2.2)."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

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
    widened: int
    """Those of them that take more inputs than in the source, such as a further condition."""
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

    In a layer that takes more inputs than its source, those that are new are the last ones, and keep their
    initial weights: from zero, a condition would hardly be learnt. Raises RunError if nothing fits.
    """
    matches: list[Match] = []
    for role, network in networks.items():
        own = {name: tensor for name, tensor in network.state_dict().items() if tensor.numel()}
        present = {name: weights[f"{role}.{name}"] for name in own if f"{role}.{name}" in weights}
        wider = _input_layers(network)
        fitting = {
            name: tensor
            for name, tensor in present.items()
            if tensor.shape == own[name].shape or (name in wider and _is_wider(own[name], tensor))
        }
        for name, tensor in fitting.items():
            own[name][tuple(slice(length) for length in tensor.shape)] = tensor
        widened = sum(tensor.shape != own[name].shape for name, tensor in fitting.items())
        if own:
            counts = len(fitting), widened, len(present) - len(fitting), len(own) - len(present)
            matches.append(Match(role, *counts))
    if not any(match.taken for match in matches):
        source_roles = sorted({name.split(".")[0] for name in weights})
        raise RunError(
            f"none of its weights fits: it has the roles {', '.join(source_roles)}, "
            f"the recipe has {', '.join(match.role for match in matches)}",
            "start from a model whose networks have the same roles, parts and options",
        )
    return matches


def _input_layers(network: nn.Module) -> set[str]:
    """The names of the weights (outputs, inputs, ...) of convolutions without groups and linear layers.

    That of a spectrally normalised layer is its parametrization's.
    """
    return {
        f"{name}.{weight}".removeprefix(".")
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.groups == 1)
        for weight in ("weight", "parametrizations.weight.original")
    }


def _is_wider(own: Tensor, source: Tensor) -> bool:
    """Whether a weight is that of the same layer with more inputs."""
    return own[:, :1].shape == source[:, :1].shape and own.shape[1] > source.shape[1] > 0
