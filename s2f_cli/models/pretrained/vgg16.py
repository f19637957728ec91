"""The convolutional layers of VGG-16 (Simonyan and Zisserman 2015, configuration D), from torchvision."""

from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from s2f_cli.core import downloads
from s2f_cli.core.errors import RecipeError, S2FError, first_line

URL = "https://download.pytorch.org/models/vgg16-397923af.pth"
"""torchvision's ImageNet weights (`VGG16_Weights.IMAGENET1K_V1`)."""

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and standard deviation of ImageNet's R, G and B in [0, 1]."""

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
"""The feature maps before each pooling, of 64 to 512 channels, and 1/1 to 1/16 of the size."""


def features(weights: str | Path, error: type[S2FError] = RecipeError) -> nn.Sequential:
    """The 31 layers before the classifier: (N, 3, H, W) → (N, 512, H/32, W/32), 14 714 688 parameters.

    `weights` is `imagenet` (torch hub's cache, downloaded if missing), `random`, or the path of a state dict
    of torchvision's `vgg16`, .safetensors or .pth. On the meta device no weights are loaded.

    Raises `error` naming the file that is missing or does not fit.
    """
    from s2f_cli.core.torchvision_import import torchvision

    layers: nn.Sequential = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"])
    if weights != "random" and not layers[0].weight.is_meta:
        _load(layers, _file(weights, error), error)
    return layers


class FeatureMaps(nn.Module):
    """The feature maps named in `LAYERS`; `weights` as for `features`."""

    def __init__(self, weights: str | Path, error: type[S2FError] = RecipeError) -> None:
        super().__init__()
        self.layers = features(weights, error)

    def features(self, image: Tensor, depth: int = len(LAYERS)) -> list[Tensor]:
        """Return the first `depth` maps of images (N, 1 or 3, H, W) in [-1, 1]."""
        maps: list[Tensor] = []
        values = prepare(image)
        for layer in self.layers:
            if isinstance(layer, nn.MaxPool2d):
                maps.append(values)
                if len(maps) == depth:
                    break
            values = layer(values)
        return maps


def prepare(image: Tensor) -> Tensor:
    """Images (N, 1 or 3, H, W) in [-1, 1] → (N, 3, H, W) as VGG-16 expects them; gray is repeated."""
    return standardise((image.expand(-1, 3, -1, -1) + 1) / 2)


def standardise(image: Tensor) -> Tensor:
    """Images (N, 3, H, W) in [0, 1] → ImageNet's mean subtracted, divided by its standard deviation."""
    mean, deviation = (torch.tensor(v, device=image.device)[:, None, None] for v in (MEAN, DEVIATION))
    return (image - mean) / deviation


def _file(weights: str | Path, error: type[S2FError]) -> Path:
    if weights == "imagenet":
        return downloads.cached(
            URL,
            downloads.in_torch_hub(URL),
            alternative="give another file as the option `weights`",
            error=error,
        )
    if not Path(weights).is_file():
        raise error(f"there is no weights file {weights}", f"download {URL} and set `weights` to its path")
    return Path(weights)


def _load(layers: nn.Sequential, file: Path, error: type[S2FError]) -> None:
    try:
        if file.suffix == ".safetensors":
            state = safetensors.torch.load_file(file)
        else:
            state = torch.load(file, map_location="cpu", weights_only=True)
        layers.load_state_dict(
            {k.removeprefix("features."): v for k, v in state.items() if k.startswith("features.")}
        )
    except Exception as problem:
        reason = first_line(problem)
        raise error(
            f"{file} does not hold the weights of torchvision's vgg16: {reason}", f"download {URL}"
        ) from None
