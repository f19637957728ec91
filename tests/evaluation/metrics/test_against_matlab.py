"""Scores equal those of the authors' MATLAB code, run under Octave 7.3 on the images below."""

import numpy as np
import pytest
import torch

from s2f_cli.core import registry

GOLDEN = {
    (256, 256): [0.661689816872935, 0.640698197868678, 0.815577469209235, 0.898918025239579,
                 0.157699036727138, 0.268294165522259, 0.929645178616586],
    (250, 200): [0.668855231578376, 0.647590038632873, 0.819143252224097, 0.897619422597715,
                 0.150481430588059, 0.260799183132812, 0.923987948532983],
    (177, 181): [0.66690445708084, 0.645288224893661, 0.770064673565074, 0.875424510143573,
                 0.165427971311845, 0.233638937878323, 0.898233169211934],
    (400, 384): [0.776441193040395, 0.763585902342052, 0.888612740446021, 0.922954746461893,
                 0.137776499750604, 0.294726816366149, 0.961273873831266],
    (65, 48): [0.676506472369397, 0.653829500109795, 0.73626730329405, None,
               0.232904184862688, 0.0929537179045298, 0.502830253737175],
}  # fmt: skip
"""(Height, width) → FSIM and FSIMc in colour; FSIM, MS-SSIM, GMSD, VIF and SCOOT of the second channel."""

COLUMNS = ["fsim", "fsimc", "fsim gray", "ms_ssim gray", "gmsd gray", "vif gray", "scoot gray"]


def make_image(rows, columns, shift):
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    channels = []
    for c in (1, 2, 3):
        wave = (7 * x + 3 * y + x * y // 37 + 11 * shift * c) % 64 + 3 * ((x // 9 + y // 7 * c) % 16)
        inside = (x - columns / 2) ** 2 + (y - rows / 2) ** 2 < (min(rows, columns) / 3 + shift) ** 2
        channels.append(np.minimum(255, wave + 120 * inside + 20))
    return torch.tensor(np.stack(channels)[None], dtype=torch.float32) / 255


@pytest.mark.parametrize("size", GOLDEN)
@pytest.mark.parametrize("column", COLUMNS)
def test_equals_the_authors_score(size, column):
    expected = GOLDEN[size][COLUMNS.index(column)]
    if expected is None:
        pytest.skip("the image is too small for this metric")
    name, _, gray = column.partition(" ")
    reference, generated = make_image(*size, 0), make_image(*size, 3)
    if gray:
        reference, generated = reference[:, 1:2], generated[:, 1:2]
    score = registry.find("metrics", name).score(generated, reference)
    assert score.item() == pytest.approx(expected, rel=1e-6)
