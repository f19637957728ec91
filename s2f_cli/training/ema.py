"""Exponential moving averages of weights (Polyak and Juditsky 1992; for generators: Yazıcı et al. 2019)."""

import copy
from collections.abc import Mapping

import torch

from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.models.roles import Networks


class EMA:
    """Slowly moving copies of the networks that the finished model uses; `networks` holds the copies."""

    def __init__(self, recipe: Recipe, networks: Networks) -> None:
        copies = {role: copy.deepcopy(networks[role]) for role in networks if role in recipe.used}
        self.networks = Networks(copies, networks.directions, networks.reconstructions, networks.samples)

    @torch.no_grad()
    def update(self, networks: Networks, decays: Mapping[str, float], step: int) -> None:
        """Move the averages towards the networks after a step, counted from 0.

        `decays` maps a role to its decay, e.g. 0.999. The decay is at most step / (10 + step), so the
        averages forget the first steps. Buffers, and roles without a decay, are copied.
        """
        for role, average in self.networks.items():
            network = networks[role]
            decay = min(decays.get(role, 0.0), step / (10 + step))
            for mean, weight in zip(average.parameters(), network.parameters(), strict=True):
                mean.lerp_(weight, 1 - decay)
            for copied, buffer in zip(average.buffers(), network.buffers(), strict=True):
                copied.copy_(buffer)
