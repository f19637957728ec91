import pytest
import torch
from torch import nn

from s2f_cli.models.networks.pix2pix_unet import Pix2PixUNet


def test_shapes_and_parameter_counts_at_full_size() -> None:
    with torch.device("meta"):
        network = Pix2PixUNet()
        assert network(torch.empty(1, 3, 256, 256)).shape == (1, 3, 256, 256)
    assert sum(p.numel() for p in network.parameters()) == 54_414_531


def test_layers_match_the_paper() -> None:
    with torch.device("meta"):
        network = Pix2PixUNet()
    down = [m for m in network.encoder.modules() if isinstance(m, nn.Conv2d)]
    up = [m for m in network.decoder.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert [m.out_channels for m in down] == [64, 128, 256, 512, 512, 512, 512, 512]
    assert [m.in_channels for m in up] == [512, 1024, 1024, 1024, 1024, 512, 256]
    assert [m.p for m in network.decoder.modules() if isinstance(m, nn.Dropout)] == [0.5] * 3 + [0.0] * 4
    assert all((m.kernel_size, m.stride) == ((4, 4), (2, 2)) for m in [*down, *up, network.output])


def test_every_skip_connection_carries_the_image() -> None:
    """With the path through the bottleneck cut above a layer, its skip connection still carries the image."""
    torch.manual_seed(0)
    network = Pix2PixUNet(features=2, levels=5).eval()
    image = torch.randn(1, 3, 32, 32, requires_grad=True)
    for block in range(4):
        nn.init.zeros_(network.decoder[block][1].weight)
        (gradient,) = torch.autograd.grad(network(image).sum(), image)
        assert gradient.abs().max() > 0


def test_the_norm_equals_batch_norm_of_one_image() -> None:
    """With the statistics of that batch, as the paper's."""
    torch.manual_seed(0)
    image = torch.randn(1, 6, 4, 4)
    network = Pix2PixUNet(features=6, levels=2, dropout=0.0)
    norm = network.decoder[0][2]
    reference = nn.BatchNorm2d(6)
    reference.load_state_dict({"weight": norm.weight, "bias": norm.bias}, strict=False)
    torch.testing.assert_close(norm(image), reference(image), rtol=1e-5, atol=1e-6)


def test_dropout_is_active_in_training_only() -> None:
    torch.manual_seed(0)
    network, image = Pix2PixUNet(features=2, levels=4), torch.randn(1, 3, 16, 16)
    assert not torch.equal(network(image), network(image))
    network.eval()
    assert torch.equal(network(image), network(image))


def test_squeeze_and_excitation_is_at_the_smallest_map() -> None:
    torch.manual_seed(0)
    network = Pix2PixUNet(features=4, levels=4, squeeze=8)
    shapes: list[torch.Size] = []
    network.squeeze.register_forward_hook(lambda module, inputs, output: shapes.append(inputs[0].shape))
    network(torch.randn(2, 3, 32, 32))
    assert shapes == [(2, 32, 2, 2)]
    with pytest.raises(ValueError, match="squeeze=7 does not divide 32"):
        Pix2PixUNet(features=4, levels=4, squeeze=7)
