"""The One Euro filter."""

import numpy as np
import pytest

from s2f_cli.faces.one_euro import OneEuroFilter

RATE = 25


def smoothed(positions: np.ndarray) -> np.ndarray:
    smoother = OneEuroFilter(RATE)
    return np.array([smoother.update(points, 100.0) for points in positions])


def test_points_that_tremble_are_held() -> None:
    trembling = 50 + np.random.default_rng(0).normal(0, 1, (100, 5, 2))
    assert smoothed(trembling)[20:].std(axis=0).max() < 0.4 * trembling.std(axis=0).min()


def test_points_that_move_are_followed_together() -> None:
    """A face that crosses its own width in half a second, from 20 frames on."""
    path = np.maximum(np.arange(60) - 20, 0) * 200 / RATE
    corners = np.array([[0.0, 0.0], [40.0, 0.0], [20.0, 30.0]])
    result = smoothed(corners + path[:, None, None] * [1, 0])
    lag = corners + path[-1] * np.array([1, 0]) - result[-1]
    assert 0 < lag[:, 0].max() < 20
    assert np.ptp(lag, axis=0) == pytest.approx(0, abs=1e-9)


def test_the_first_points_are_kept() -> None:
    points = np.array([[3.0, 4.0]])
    assert (OneEuroFilter(RATE).update(points, 1) == points).all()
