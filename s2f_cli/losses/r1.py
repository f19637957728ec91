"""R1 penalty (Mescheder et al. 2018, equation 9)."""

import torch
from torch import Tensor, nn

__all__ = ["R1"]


class R1(nn.Module):
    """½ mean ‖∇D(x)‖₂² over real images; its weight is the paper's γ (10 there)."""

    def forward(self, critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        """`real` is (N, C, H, W), without a gradient; `fake` is not looked at."""
        real = real.detach().requires_grad_()
        (slope,) = torch.autograd.grad(critic(real).sum(), real, create_graph=True)
        return slope.flatten(1).square().sum(dim=1).mean() / 2
