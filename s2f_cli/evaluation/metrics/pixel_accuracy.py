"""The accuracy that Keras reports for images, such as the 71.5 % of report C (section 4.1, figure 3).

With `metrics=["accuracy"]`, images of three channels get Keras' categorical accuracy: the share of pixels
with the same strongest channel, the first if several are equal. Images of one channel get binary accuracy:
the share of pixels whose true value is exactly the 0 or 1 that the prediction rounds to.
"""

import torch

from s2f_cli.evaluation.metrics._contract import PairMetric

__all__ = ["pixel_accuracy"]


def _pixel_accuracy(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    if generated.shape[1] == 1:
        correct = (generated > 0.5).float() == reference
    else:
        correct = _strongest(generated) == _strongest(reference)
    return correct.double().flatten(1).mean(dim=1)


def _strongest(images: torch.Tensor) -> torch.Tensor:
    """The number of the first strongest channel at each pixel, (N, 3, H, W) → (N, H, W)."""
    red, green, blue = images.unbind(dim=1)
    return torch.where((red >= green) & (red >= blue), 0, torch.where(green >= blue, 1, 2))


pixel_accuracy = PairMetric(
    title="Pixel accuracy",
    better="higher",
    unit="0 to 1",
    variant="Keras' categorical accuracy over channels (binary for one channel), of images of 8 bits",
    source="report C, section 4.1; Keras, `categorical_accuracy` and `binary_accuracy`",
    score=_pixel_accuracy,
)
