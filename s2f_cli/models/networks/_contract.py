"""The contract of networks: the base class of all, and one base class for each optional ability.

Callers test for an ability with `isinstance`, as in `isinstance(network, Stochastic)`.
"""

from torch import Tensor, nn


class Network(nn.Module):
    """A network of a recipe. Called with a batch, usually (N, C, H, W), it returns a batch of N results.

    A subclass sets a field on the class, or on the instance where it depends on the options.
    """

    multiple: int = 1
    """The height and width of its images, in pixels, must be multiples of this."""

    size: int | None = None
    """The side, in pixels, of the only square images it takes or returns; None if it takes all multiples."""

    latent: int | None = None
    """Channels of the code (N, latent, 1, 1) it takes, if it decodes one; None otherwise."""

    prefers_channels_first: bool = False
    """Whether it trains faster on a CPU in the memory layout NCHW than in NHWC."""


class Stochastic(Network):
    """A network that draws random numbers each time it is called, such as `gaussian`."""

    def mean(self, code: Tensor) -> Tensor:
        """Return the mean of the distribution that calling the network with `code` samples from."""
        raise NotImplementedError


class FeatureNetwork(Network):
    """A network that gives access to its intermediate feature maps, such as `resnet` or `patch_critic`."""

    def features(self, image: Tensor) -> list[Tensor]:
        """Return feature maps (N, C, H, W) of images, from the first layer to the last."""
        raise NotImplementedError

    def result_and_features(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the result for images and their `features`, in one pass where that is possible."""
        return self(image), self.features(image)


class Critic(Network):
    """A network that scores images: the discriminator. A high score means real."""

    augment: nn.Module | None
    """Changes real and generated images before they are scored, such as `diff_augment`; None: no change."""


class AdaptiveAugmentation(Network):
    """A critic's `augment` that adapts to the critic's scores in training, such as `ada`."""

    def observe(self, scores: Tensor) -> None:
        """Adapt to the scores (N, …) of real images, shifted so that 0 is the decision boundary."""
        raise NotImplementedError


class Memorizer(Network):
    """A network that stores training pairs instead of learning weights, such as `lle`."""

    def fit(self, source: Tensor, target: Tensor) -> None:
        """Store pairs of images, (N, C, H, W) and (N, C', H, W) in [-1, 1]."""
        raise NotImplementedError
