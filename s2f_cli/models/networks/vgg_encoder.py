"""The encoder of the transfer learning autoencoder (report D §III-D; Simonyan and Zisserman 2015)."""

from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.pretrained import vgg16

__all__ = ["VGGEncoder"]


class VGGEncoder(Network):
    """(N, 1 or 3, H, W) → (N, 512, H/32, W/32): VGG-16 without its classifier; H and W multiples of 32.

    | layer             | channels | size at 224 |
    | ----------------- | -------- | ----------- |
    | 2 × conv, pooling | 64       | 112         |
    | 2 × conv, pooling | 128      | 56          |
    | 3 × conv, pooling | 256      | 28          |
    | 3 × conv, pooling | 512      | 14          |
    | 3 × conv, pooling | 512      | 7           |

    14 714 688 parameters. `weights` is `imagenet` (torch hub's cache, downloaded if missing), `random`, or a
    file of torchvision's `vgg16`, .safetensors or .pth. Images are standardised as the weights expect; gray
    images are repeated to three channels. In stages where no player trains it, the network is frozen.

    Raises RecipeError if the weights are missing or do not fit.
    """

    multiple = 32

    def __init__(self, weights: str = "imagenet") -> None:
        super().__init__()
        self.layers = vgg16.features(weights)
        for layer in self.layers:
            if isinstance(layer, nn.ReLU):
                layer.inplace = False

    def forward(self, image: Tensor) -> Tensor:
        """(N, 1 or 3, H, W) → (N, 512, H/32, W/32)."""
        return self.layers(vgg16.prepare(image))
