import pytest
import torch
from torch import nn

from s2f_cli.models.networks.unet import UNet


def test_parameter_count_matches_report_b() -> None:
    with torch.device("meta"):
        network = UNet(in_channels=1, out_channels=3)
    assert sum(p.numel() for p in network.parameters()) == 7_164_387
    assert network.multiple == 16


def test_widths_double_down_to_a_grouped_bottleneck() -> None:
    with torch.device("meta"):
        network = UNet()
    widths = [block[0].out_channels for block in network.encoder]
    assert widths == [32, 64, 128, 256]
    convolutions = {name: m for name, m in network.named_modules() if isinstance(m, nn.Conv2d)}
    grouped = {name: c.groups for name, c in convolutions.items() if c.groups > 1}
    assert grouped == {f"bottleneck.{block}.{layer}": 4 for block in (0, 1) for layer in (0, 3)}
    assert all(convolutions[name].out_channels == 512 for name in grouped)


def test_upsampling_uses_no_transposed_convolution() -> None:
    with torch.device("meta"):
        modules = list(UNet().modules())
    assert not any(isinstance(m, nn.ConvTranspose2d) for m in modules)
    assert sum(isinstance(m, nn.Upsample) and m.mode == "nearest" for m in modules) == 4


def test_feature_maps_have_the_published_sizes() -> None:
    """Report B's published code: each level halves the map; upwards, each block halves the channels."""
    with torch.device("meta"):
        network, image = UNet(in_channels=1, out_channels=3), torch.empty(2, 1, 128, 128)
        shapes = []
        for block in [*network.encoder, *network.bottleneck, *network.decoder, network.last]:
            block.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.shape[1:])))
        output = network(image)
    down = [(32, 128, 128), (64, 64, 64), (128, 32, 32), (256, 16, 16)]
    bottom = [(512, 8, 8), (512, 8, 8), (256, 16, 16)]
    up = [(128, 32, 32), (64, 64, 64), (32, 128, 128), (32, 128, 128)]
    assert shapes == down + bottom + up
    assert output.shape == (2, 3, 128, 128)


def test_output_is_between_minus_1_and_1() -> None:
    torch.manual_seed(0)
    network = UNet(features=4, levels=2, bottleneck_groups=2)
    output = network(torch.randn(2, 3, 16, 16) * 100)
    assert output.abs().max() <= 1


def test_every_skip_connection_reaches_the_output() -> None:
    """Without the bottleneck, each level still reaches the output."""
    torch.manual_seed(0)
    network = UNet(features=4, levels=3, bottleneck_groups=2).eval()
    image = torch.randn(1, 3, 32, 32)
    before = network(image)
    for level, block in enumerate(network.encoder):
        bottleneck = network.bottleneck.register_forward_hook(lambda _, __, output: torch.zeros_like(output))
        hook = block.register_forward_hook(lambda _, __, output: output * 2)
        assert not torch.equal(network(image), before), level
        hook.remove()
        bottleneck.remove()


def test_groups_must_divide_the_channels() -> None:
    with pytest.raises(ValueError, match="bottleneck_groups=3"):
        UNet(bottleneck_groups=3)
