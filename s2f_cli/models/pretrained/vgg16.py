"""VGG-16's convolutional layers (Simonyan and Zisserman 2015, configuration D), as torchvision has them."""

from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from s2f_cli.core import downloads
from s2f_cli.core.errors import RecipeError

URL = "https://download.pytorch.org/models/vgg16-397923af.pth"
"""torchvision's ImageNet weights (`VGG16_Weights.IMAGENET1K_V1`)."""

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's channels in [0, 1]: what those weights expect to be taken off and divided by."""


def features(weights: str) -> nn.Sequential:
    """The 31 layers before the classifier, (N, 3, H, W) → (N, 512, H/32, W/32); 14 714 688 parameters.

    `weights` is `imagenet` (torch hub's cache, filled if need be), `random`, or the path of a state dict of
    torchvision's `vgg16` in a .safetensors or .pth file. On the meta device no file is looked for.

    Raises RecipeError naming the file that is missing or does not fit.
    """
    from s2f_cli.core.torchvision_import import torchvision

    configuration = torchvision.models.vgg.cfgs["D"]
    layers = torchvision.models.vgg.make_layers(configuration)
    if weights != "random" and not layers[0].weight.is_meta:
        _load(layers, _file(weights))
    return layers


def normalised(image: Tensor) -> Tensor:
    """Images (N, 1 or 3, H, W) in [-1, 1] → (N, 3, H, W) as VGG-16 expects them; gray is taken thrice."""
    mean, deviation = (torch.tensor(v, device=image.device)[:, None, None] for v in (MEAN, DEVIATION))
    return ((image.expand(-1, 3, -1, -1) + 1) / 2 - mean) / deviation


def _file(weights: str) -> Path:
    if weights != "imagenet":
        if not Path(weights).is_file():
            raise RecipeError(
                f"there is no weights file {weights}", f"download {URL} and name it as `weights`"
            )
        return Path(weights)
    return downloads.cached(
        URL,
        downloads.in_torch_hub(URL),
        alternative="give another file as the option `weights`",
        error=RecipeError,
    )


def _load(layers: nn.Sequential, file: Path) -> None:
    try:
        if file.suffix == ".safetensors":
            state = safetensors.torch.load_file(file)
        else:
            state = torch.load(file, map_location="cpu", weights_only=True)
        layers.load_state_dict(
            {k.removeprefix("features."): v for k, v in state.items() if k.startswith("features.")}
        )
    except Exception as problem:
        reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise RecipeError(
            f"{file} does not hold the weights of torchvision's vgg16: {reason}", f"download {URL}"
        ) from None
