import pytest
import torch
import torch.nn.functional as F

from s2f_cli.training.losses.bce import BCE


def test_matches_torch_on_images_in_0_to_1() -> None:
    torch.manual_seed(0)
    prediction, target = torch.rand(2, 2, 3, 4, 4) * 2 - 1
    expected = F.binary_cross_entropy((prediction + 1) / 2, (target + 1) / 2)
    torch.testing.assert_close(BCE()(prediction, target), expected)


def test_stays_finite_at_black_and_white() -> None:
    white, black = torch.ones(1, 1, 2, 2), -torch.ones(1, 1, 2, 2)
    assert BCE()(white, white).item() == pytest.approx(0, abs=1e-6)
    assert BCE()(white, black).item() == pytest.approx(16.1, abs=0.3)  # -log 1e-7
