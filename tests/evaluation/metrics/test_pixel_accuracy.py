import numpy as np
import torch

from s2f_cli.evaluation.metrics.pixel_accuracy import pixel_accuracy


def test_colour_counts_pixels_with_the_same_strongest_channel():
    generator = np.random.default_rng(0)
    first, second = generator.integers(0, 3, (2, 4, 3, 8, 9)) / 2
    expected = (first.argmax(axis=1) == second.argmax(axis=1)).mean(axis=(1, 2))
    scores = pixel_accuracy.score(torch.tensor(first), torch.tensor(second))
    np.testing.assert_array_equal(scores, expected)


def test_gray_counts_references_of_exactly_0_or_1():
    reference = torch.tensor([0.0, 1.0, 1.0, 0.5, 0.9]).view(1, 1, 1, 5)
    generated = torch.tensor([0.5, 0.6, 0.4, 0.5, 0.9]).view(1, 1, 1, 5)
    assert pixel_accuracy.score(generated, reference).item() == 2 / 5
