"""Averages of weights over the steps of a training (Polyak and Juditsky 1992; of generators: Yazıcı et al.
2019).
"""

import copy
from collections.abc import Mapping

import torch

from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.models.roles import Networks


class EMA:
    """Copies of the networks that a model needs, which follow them slowly; `networks` is what to save and
    show.
    """

    def __init__(self, recipe: Recipe, networks: Networks) -> None:
        used = {role: copy.deepcopy(networks[role]) for role in networks if role in recipe.used}
        self.networks = Networks(used, networks.directions, networks.reconstructions, networks.samples)

    @torch.no_grad()
    def update(self, networks: Networks, keeping: Mapping[str, float], step: int) -> None:
        """Move towards the networks after a step, counted from 0.

        A role keeps so much of its average, less in the first steps, so that the start is forgotten; a role
        without a number, and all that is no trained weight, is copied.
        """
        for role, average in self.networks.items():
            own = networks[role]
            keep = min(keeping.get(role, 0.0), step / (10 + step))
            for mean, now in zip(average.parameters(), own.parameters(), strict=True):
                mean.lerp_(now, 1 - keep)
            for kept, current in zip(average.buffers(), own.buffers(), strict=True):
                kept.copy_(current)
