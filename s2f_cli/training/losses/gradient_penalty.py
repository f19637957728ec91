"""Gradient penalty of WGAN-GP (Gulrajani et al. 2017, equation 3; report A, equations 2, 4 and 5)."""

import torch
from torch import Tensor, nn

__all__ = ["GradientPenalty"]


class GradientPenalty(nn.Module):
    """mean (‖∇D(x̂)‖₂ - 1)², each x̂ drawn uniformly from the line between a real and a generated image."""

    def forward(self, critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        """`real` and `fake` are (N, C, H, W), detached. D is the mean of an image's scores."""
        position = torch.rand(len(real), 1, 1, 1, dtype=real.dtype, device=real.device)
        interpolated = torch.lerp(real, fake.to(real.dtype), position).requires_grad_()
        scores = critic(interpolated)
        share = torch.full_like(scores, len(real) / scores.numel())
        (gradient,) = torch.autograd.grad(scores, interpolated, share, create_graph=True)
        return (gradient.flatten(1).norm(dim=1) - 1).square().mean()
