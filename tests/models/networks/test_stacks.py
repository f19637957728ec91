import pytest
import torch
from torch import nn

from s2f_cli.models.networks.down_stack import DownStack
from s2f_cli.models.networks.up_stack import UpStack


def test_shapes_and_parameter_counts_at_full_size() -> None:
    with torch.device("meta"):
        down, up = DownStack(), UpStack()
        code = down(torch.empty(2, 3, 256, 256))
        assert code.shape == (2, 512, 8, 8)
        assert up(code).shape == (2, 3, 256, 256)
    assert [sum(p.numel() for p in network.parameters()) for network in (down, up)] == [
        10_863_488,
        10_860_163,
    ]


@pytest.mark.parametrize(("batch_norm", "norms"), [(True, 1), (False, 0)])
def test_batch_norm_is_an_option_and_never_first(batch_norm: bool, norms: int) -> None:
    layers = DownStack(widths=[4, 8], batch_norm=batch_norm).layers
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in layers) == norms
    assert not isinstance(layers[1], nn.BatchNorm2d)


def test_dropout_is_an_option() -> None:
    for network in (DownStack(widths=[4, 8], dropout=0.3), UpStack(widths=[8, 4], dropout=0.3)):
        assert {m.p for m in network.modules() if isinstance(m, nn.Dropout)} == {0.3}
