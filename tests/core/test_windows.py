import pytest
import torch

from s2f_cli.core import windows


def test_a_gaussian_window_sums_to_1_and_is_symmetric() -> None:
    window = windows.gaussian(11, 1.5)
    assert sum(window) == pytest.approx(1)
    assert window == pytest.approx(window[::-1])


def test_a_window_can_be_computed_on_the_meta_device() -> None:
    """Recipes are checked on the meta device, which may import a module with a window for the first time."""
    with torch.device("meta"):
        assert windows.gaussian(3, 1.0) == windows.gaussian(3, 1.0)
