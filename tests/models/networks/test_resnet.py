import pytest
import torch
from torch import nn

from s2f_cli.models.networks.resnet import ResNet


@pytest.mark.parametrize(("blocks", "parameters"), [(6, 7_837_699), (9, 11_378_179)])
def test_shapes_and_parameter_counts_at_full_size(blocks: int, parameters: int) -> None:
    with torch.device("meta"):
        network = ResNet(blocks=blocks)
        assert network(torch.empty(1, 3, 128, 128)).shape == (1, 3, 128, 128)
    assert sum(p.numel() for p in network.parameters()) == parameters


def test_layers_match_the_paper() -> None:
    """c7s1-64, d128, d256, R256 nine times, u128, u64, c7s1-3 (Zhu et al. 2017, appendix 7.2)."""
    with torch.device("meta"):
        layers = [m for m in ResNet().modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    assert [m.out_channels for m in layers] == [64, 128, 256, *[256] * 18, 128, 64, 3]
    assert [m.kernel_size[0] for m in layers] == [7, *[3] * 22, 7]
    assert [m.stride[0] for m in layers] == [1, 2, 2, *[1] * 18, 2, 2, 1]


def test_a_residual_block_adds_to_its_input() -> None:
    torch.manual_seed(0)
    network, code = ResNet(features=2, blocks=1), torch.randn(1, 8, 4, 4)
    for module in network.blocks.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.zeros_(module.weight)
    assert torch.equal(network.blocks(code), code)


def test_nearest_upsampling_leaves_no_checkerboard() -> None:
    """For a constant code and equal weights; a transposed convolution of stride 2 leaves one."""

    def pattern(upsampling: str) -> float:
        network = ResNet(features=2, blocks=0, upsampling=upsampling)  # type: ignore[arg-type]
        first = network.decoder[:2] if upsampling == "nearest" else network.decoder[:1]
        for module in first:
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.ones_(module.weight)
        return float(first(torch.ones(1, 8, 8, 8))[..., 4:-4, 4:-4].detach().std())

    assert pattern("nearest") == 0
    assert pattern("transposed") > 0


def test_refuses_an_unsupported_upsampling() -> None:
    with pytest.raises(ValueError, match="transposed or nearest"):
        ResNet(upsampling="bicubic")  # type: ignore[arg-type]
