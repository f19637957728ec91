"""L2 penalty on the weights of a network (report C §4.1; Keras' `kernel_regularizer`)."""

import torch
from torch import Tensor, nn

__all__ = ["L2Weights"]


class L2Weights(nn.Module):
    """Σ w² over the kernels and matrices of a network, without biases and the scales of norm layers."""

    def forward(self, network: nn.Module) -> Tensor:
        """Sum over all parameters with two or more dimensions; the network must have at least one."""
        return torch.stack([p.square().sum() for p in network.parameters() if p.ndim > 1]).sum()
