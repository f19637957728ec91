"""Distance of the faces in two images as persons (as in FaceNet, Schroff et al. 2015; dlib's, King 2017)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.faces.chips import SIDE, ChipFinder
from s2f_cli.faces.geometry import Transform
from s2f_cli.training.losses._backbones import open_dlib_face
from s2f_cli.training.losses._precision import at_least_float32

__all__ = ["Identity"]


class Identity(nn.Module):
    """The Euclidean distance of dlib's embeddings of two faces: what the metric `identity` measures.

    dlib takes two faces for one person if it is below 0.6. The face is searched in the target only; it is cut
    out of both images at the same place. `weights` is dlib's file, by default the installed one, or `random`.

    Raises MissingPart without dlib or its models, RecipeError if the weights do not fit.
    """

    def __init__(self, weights: str | None = None) -> None:
        super().__init__()
        self._chips = ChipFinder()
        self.network = open_dlib_face(weights).eval().requires_grad_(False)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The mean distance of images (N, 1 or 3, H, W) in [-1, 1], a scalar; the target has no gradient.

        Images in whose target no face is found count as 0.
        """
        target = target.detach()
        found = [(row, self._find(image)) for row, image in enumerate(target)]
        faces = [(row, transform) for row, transform in found if transform is not None]
        if not faces:
            return at_least_float32(prediction).sum() * 0
        with torch.autocast(prediction.device.type, enabled=False):
            predicted, expected = (
                self.network(torch.stack([cut_chip(images[row], transform) for row, transform in faces]))
                for images in (at_least_float32(prediction), at_least_float32(target))
            )
            squares = (predicted - expected).square().sum(dim=1)
            return (squares + 1e-12).sqrt().sum() / len(target)

    def _find(self, image: Tensor) -> Transform | None:
        if image.is_meta:
            return None
        pixels = ((image.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        return self._chips.find(pixels.expand(3, -1, -1).permute(1, 2, 0).contiguous().cpu().numpy())


def cut_chip(image: Tensor, transform: Transform) -> Tensor:
    """Cut a chip (C, 150, 150) out of an image (C, H, W) in [-1, 1]; black outside it, as in dlib.

    Where a pixel of the chip covers several of the image, it is their mean.
    """
    samples = max(round(1 / transform.scale), 1)
    a, b, c, d, e, f = transform.inverse().matrix
    height, width = image.shape[1:]
    theta = image.new_tensor(
        [
            [a / width, b / width, (2 * c + (a + b) * SIDE) / width - 1],
            [d / height, e / height, (2 * f + (d + e) * SIDE) / height - 1],
        ]
    )
    theta[:, :2] *= SIDE
    grid = F.affine_grid(theta[None], [1, 1, SIDE * samples, SIDE * samples], align_corners=False)
    chip = F.grid_sample(image[None] + 1, grid.to(image.dtype), align_corners=False) - 1
    return F.avg_pool2d(chip, samples)[0]
