import pytest
import torch

from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.mse import MSE


def test_by_hand() -> None:
    prediction = torch.tensor([[[[0.0, 1.0], [-1.0, 0.5]]]])
    target = torch.tensor([[[[0.0, 0.0], [1.0, 0.0]]]])
    assert L1()(prediction, target).item() == pytest.approx((0 + 1 + 2 + 0.5) / 4)
    assert MSE()(prediction, target).item() == pytest.approx((0 + 1 + 4 + 0.25) / 4)


def test_black_and_white_have_the_largest_distance() -> None:
    black, white = -torch.ones(1, 3, 2, 2), torch.ones(1, 3, 2, 2)
    assert L1()(black, white) == 2
    assert MSE()(black, white) == 4 * 1.0**2
