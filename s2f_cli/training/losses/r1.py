"""R1 penalty (Mescheder et al. 2018, equation 9)."""

import torch
from torch import Tensor, nn

__all__ = ["R1"]


class R1(nn.Module):
    """½ mean ‖∇D(x)‖₂² over real images; its weight is the paper's γ (10 there).

    A critic of patches is held back in each of them: ½ mean ‖∇Dᵢ(x)‖₂² over images and patches i. One
    gradient finds it, of the scores added with random signs: the products of two patches cancel on average.
    """

    def forward(self, critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        """`real` is (N, C, H, W), without a gradient; `fake` is not looked at."""
        real = real.detach().requires_grad_()
        scores = critic(real)
        signs = torch.randint_like(scores, 2) * 2 - 1
        (slope,) = torch.autograd.grad(scores, real, signs, create_graph=True)
        return slope.square().sum() / scores.numel() / 2
