"""Contrastive loss of patches (CUT: Park et al. 2020, equation 3)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["PatchNCE"]


class PatchNCE(nn.Module):
    """Each patch of one image should be nearest to the patch of the other at the same place, among all of
    that image.
    """

    def __init__(self, temperature: float = 0.07) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Both (N, places, C), rows of length 1; the key takes no gradient."""
        likeness = query @ key.detach().mT / self.temperature
        same = torch.arange(query.shape[1], device=query.device).expand(len(query), -1)
        return F.cross_entropy(likeness.flatten(0, 1), same.flatten())
