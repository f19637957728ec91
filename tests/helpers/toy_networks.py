"""Networks of one number, whose outputs and gradients are known."""

import torch
from torch import Tensor, nn

from s2f_cli.models.networks import Network


class Shift(Network):
    """Adds a trained number."""

    def __init__(self, by: float) -> None:
        super().__init__()
        self.by = nn.Parameter(torch.tensor(by))

    def forward(self, image: Tensor) -> Tensor:
        return image + self.by
