import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import mean_squared_error

from s2f_cli.evaluation.metrics.mse import mse


def test_equals_scikit_image(make_images):
    generated, reference = make_images()
    expected = [mean_squared_error(g.numpy(), r.numpy()) for g, r in zip(generated, reference, strict=True)]
    np.testing.assert_allclose(mse.score(generated, reference), expected, rtol=1e-6)


@given(st.floats(0, 1, width=32), st.floats(0, 1, width=32))
def test_flat_images_score_their_squared_difference(first, second):
    score = mse.score(torch.full((1, 1, 4, 4), first), torch.full((1, 1, 4, 4), second)).item()
    assert abs(score - (first - second) ** 2) < 1e-12
