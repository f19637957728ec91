"""Linear layers on the latent code of a VAE (report A §3.2, figure 7, red boxes)."""

from torch import Tensor, nn

from s2f_cli.models.networks import Network

__all__ = ["LatentLayers"]


class LatentLayers(Network):
    """(N, width, 1, 1) → the same shape: `layers` linear layers that map one domain's codes to the other's.

    Batch norm and ReLU follow all but the last. They come after the sampling, as in figure 7. The published
    code differs: they come before it, and follow the last layer too, which would set about half of each code
    to 0.
    """

    def __init__(self, width: int = 256, layers: int = 4) -> None:
        super().__init__()
        self.latent = width
        stack: list[nn.Module] = []
        for _ in range(layers - 1):
            stack += [nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU()]
        self.layers = nn.Sequential(
            nn.Flatten(), *stack, nn.Linear(width, width), nn.Unflatten(1, (width, 1, 1))
        )

    def forward(self, code: Tensor) -> Tensor:
        """(N, width, 1, 1) → the same shape."""
        return self.layers(code)
