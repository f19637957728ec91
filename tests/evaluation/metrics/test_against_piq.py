"""Scores equal those of piq, where both compute the same variant."""

import numpy as np
import pytest
import torch

from s2f_cli.evaluation.metrics import _gradients
from s2f_cli.evaluation.metrics.fsim import fsim
from s2f_cli.evaluation.metrics.fsimc import fsimc
from s2f_cli.evaluation.metrics.gmsd import gmsd
from s2f_cli.evaluation.metrics.vif import vif

piq = pytest.importorskip("piq")


def test_vif(make_images):
    generated, reference = make_images(2, height=96, width=81)
    expected = piq.vif_p(generated.double(), reference.double(), reduction="none")
    np.testing.assert_allclose(vif.score(generated, reference), expected, rtol=1e-6)


def test_gmsd_except_for_the_population_deviation(make_images):
    generated, reference = make_images(2, channels=1, height=96, width=80)
    count = 48 * 40
    expected = (
        piq.gmsd(generated.double(), reference.double(), reduction="none") * (count / (count - 1)) ** 0.5
    )
    np.testing.assert_allclose(gmsd.score(generated, reference), expected, rtol=1e-6)


def test_fsim_except_for_other_constants(make_images):
    generated, reference = make_images(2, height=96, width=80)
    for ours, colour in ((fsim, False), (fsimc, True)):
        expected = piq.fsim(generated, reference, chromatic=colour, reduction="none")
        np.testing.assert_allclose(ours.score(generated, reference), expected, rtol=2e-3)


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_shrinking_is_a_same_size_convolution_and_subsampling(factor):
    from scipy.signal import convolve2d

    image = np.random.default_rng(0).random((13, 10))
    expected = convolve2d(image, np.full((factor, factor), factor**-2), "full")
    start = -(-(factor + 1) // 2) - 1
    expected = expected[start : start + 13, start : start + 10][::factor, ::factor]
    shrunk = _gradients.shrink(torch.tensor(image)[None, None], factor)[0, 0]
    np.testing.assert_allclose(shrunk, expected, rtol=1e-12)
