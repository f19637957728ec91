"""R1 penalty (Mescheder et al. 2018, equation 9)."""

import torch
from torch import Tensor, nn

__all__ = ["R1"]


class R1(nn.Module):
    """½ mean ‖∇D(x)‖₂² over real images; the weight of this term is the paper's γ (10 there).

    A patch critic is penalised for each patch: ½ mean ‖∇Dᵢ(x)‖₂² over images and patches i. A single gradient
    estimates this, that of the scores summed with random signs: products of two patches cancel on average.
    """

    def forward(self, critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        """`real` is (N, C, H, W), detached; `fake` is ignored."""
        real = real.detach().requires_grad_()
        scores = critic(real)
        signs = torch.randint_like(scores, 2) * 2 - 1
        (gradient,) = torch.autograd.grad(scores, real, signs, create_graph=True)
        return gradient.square().sum() / scores.numel() / 2
