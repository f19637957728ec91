"""Self-attention (Zhang et al. 2019, "SAGAN", equations 1 to 3)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """(N, C, H, W) → the same shape: the input plus, at each pixel, a weighted sum over all pixels.

    The sum is scaled by a learned factor that starts at 0 (the paper's γ).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(channels // 8, 1)
        self.query, self.key = nn.Conv2d(channels, inner, 1), nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.share = nn.Parameter(torch.zeros(()))

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        query, key, value = (
            layer(image).flatten(2).transpose(1, 2)[:, None] for layer in (self.query, self.key, self.value)
        )
        gathered = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        return image + self.share * gathered[:, 0].transpose(1, 2).reshape(image.shape)
