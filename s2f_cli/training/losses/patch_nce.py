"""Contrastive loss of patches (CUT: Park et al. 2020, equation 3)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["PatchNCE"]


class PatchNCE(nn.Module):
    """Cross-entropy of classifying each query patch as the patch of the key image at the same position.

    The logits are cosine similarities to all patches of the key image, divided by `temperature`.
    """

    def __init__(self, temperature: float = 0.07) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Both (N, patches, C), with vectors of length 1; the key receives no gradient."""
        similarity = query @ key.detach().mT / self.temperature
        positions = torch.arange(query.shape[1], device=query.device).expand(len(query), -1)
        return F.cross_entropy(similarity.flatten(0, 1), positions.flatten())
