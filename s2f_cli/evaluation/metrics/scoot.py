"""Structure co-occurrence texture (SCOOT), a metric for face sketches.

D.-P. Fan et al.: Scoot: a perceptual metric for facial sketches, ICCV 2019. Scores equal those of the
authors' MATLAB code.
"""

import torch

from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._gray import luma

__all__ = ["scoot"]

_BLOCKS = 4
_LEVELS = 6
_OFFSETS = ((0, 1), (-1, 1), (-1, 0), (-1, -1))


def _scoot(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    scores = []
    for pair in zip(generated, reference, strict=True):
        gray = [luma(image[None], 255)[0, 0].round().long() for image in pair]
        if any(image.min() == image.max() for image in gray):
            scores.append(torch.nan)
            continue
        first, second = (_textures(image) for image in gray)
        scores.append(1 / (1 + torch.linalg.vector_norm(first - second).item()))
    return torch.tensor(scores, dtype=torch.float64)


def _textures(gray: torch.Tensor) -> torch.Tensor:
    """Contrast and energy (2, 16) of the co-occurrence matrices of an image's 16 blocks; levels 0 to 255."""
    levels = (gray * _LEVELS // 255).clamp(max=_LEVELS - 1)
    height, width = gray.shape
    rows, columns = _bounds(height), _bounds(width)
    block = torch.bucketize(torch.arange(height), rows, right=True)[:, None] * _BLOCKS + torch.bucketize(
        torch.arange(width), columns, right=True
    )
    size = _BLOCKS**2 * _LEVELS**2
    counts = torch.zeros(size, dtype=torch.float64)
    for down, across in _OFFSETS:
        pixels = (slice(-down, height), slice(max(0, -across), width - max(0, across)))
        neighbours = (slice(0, height + down), slice(max(0, across), width - max(0, -across)))
        within = block[pixels] == block[neighbours]
        entries = (block[pixels] * _LEVELS + levels[pixels]) * _LEVELS + levels[neighbours]
        counts += torch.bincount(entries[within], minlength=size)
    matrices = (counts / len(_OFFSETS) + 0.5).floor().view(_BLOCKS**2, _LEVELS, _LEVELS)
    shares = matrices / matrices.sum(dim=(1, 2), keepdim=True)
    steps = torch.arange(_LEVELS)
    distance = (steps[:, None] - steps).square()
    return torch.stack([(shares * distance).sum(dim=(1, 2)), shares.square().sum(dim=(1, 2))])


def _bounds(size: int) -> torch.Tensor:
    """The starts of the second, third and fourth block."""
    return torch.tensor([size * number // _BLOCKS for number in range(1, _BLOCKS)])


scoot = PairMetric(
    title="SCOOT",
    better="higher",
    unit="0 to 1",
    variant="gray, 4x4 blocks, 6 levels, 4 offsets, rounded mean matrix; undefined for a flat image",
    source="Fan et al., ICCV 2019",
    score=_scoot,
)
