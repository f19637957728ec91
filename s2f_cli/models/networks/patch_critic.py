"""The PatchGAN discriminator (Isola et al. 2017, §3.2.2 and appendix 6.1.2; Zhu et al. 2017)."""

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from s2f_cli.models.networks import Critic, FeatureNetwork
from s2f_cli.models.networks._convolution import Conv2d
from s2f_cli.models.networks._init import dcgan_normal
from s2f_cli.models.networks._norm import InstanceNorm

__all__ = ["PatchCritic"]


class PatchCritic(Critic, FeatureNetwork):
    """(N, in_channels, H, W) → (N, 1, H/8 - 2, W/8 - 2): one unbounded score for each 70×70 patch.

    C64-C128-C256-C512 and a convolution to one channel: 4×4 kernels, stride 2 in the first `layers`, instance
    norm in all but the first and last, LeakyReLU 0.2. With 3 layers the receptive field is 70 pixels, and
    there are 2 764 737 parameters at 3 channels.

    `spectral` divides every weight by its largest singular value (Miyato et al. 2018) instead of the norms.
    `augment` is a network that changes real and generated images before they are scored, such as
    `diff_augment` or `ada`.
    """

    def __init__(
        self,
        in_channels: int = 3,
        features: int = 64,
        layers: int = 3,
        spectral: bool = False,
        augment: nn.Module | None = None,
    ) -> None:
        super().__init__()
        widths = [features * min(2**layer, 8) for layer in range(layers + 1)]
        stages: list[nn.Module] = [
            nn.Conv2d(in_channels, features, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        ]
        for layer in range(1, layers + 1):
            stages += [
                Conv2d(widths[layer - 1], widths[layer], 4, stride=2 if layer < layers else 1, padding=1),
                nn.Identity() if spectral else InstanceNorm(),
                nn.LeakyReLU(0.2),
            ]
        self.layers = nn.Sequential(*stages, nn.Conv2d(widths[-1], 1, 4, padding=1))
        self.augment = augment
        dcgan_normal(self.layers)
        if spectral:
            for layer_ in self.layers:
                if isinstance(layer_, nn.Conv2d):
                    spectral_norm(layer_)

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, 1, H/8 - 2, W/8 - 2)."""
        return self.layers(image if self.augment is None else self.augment(image))

    def features(self, image: Tensor) -> list[Tensor]:
        """The outputs (N, C, H, W) of each LeakyReLU, from first to last; images are not augmented."""
        maps: list[Tensor] = []
        for layer in list(self.layers)[:-1]:
            image = layer(image)
            if isinstance(layer, nn.LeakyReLU):
                maps.append(image)
        return maps

    def result_and_features(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Scores and features; in one pass, unless the scored images are augmented."""
        if self.augment is not None:
            return super().result_and_features(image)
        maps = self.features(image)
        return self.layers[-1](maps[-1]), maps
