import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.models.networks.conv_autoencoder import ConvAutoencoder


def test_layers_and_parameter_count_match_report_d() -> None:
    """Table I, row by row, at its 256 pixels."""
    with torch.device("meta"):
        network, image = ConvAutoencoder(), torch.empty(1, 3, 256, 256)
        shapes = []
        for layer in [*network.encoder, *network.decoder, network.output]:
            layer.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.shape[1:])))
        network(image)
    assert sum(p.numel() for p in network.parameters()) == 233_027
    assert shapes == [
        (16, 128, 128),
        (32, 64, 64),
        (64, 32, 32),
        (64, 64, 64),
        (32, 128, 128),
        (16, 256, 256),
        (3, 256, 256),
    ]


def by_hand(network: ConvAutoencoder, image: Tensor) -> Tensor:
    for layer in network.encoder:
        image = F.conv2d(F.pad(image, (1, 2, 1, 2)), layer.weight, layer.bias, stride=2)
        image = torch.where(image > 0, image, 0.1 * image)
    for layer in network.decoder:
        image = F.conv_transpose2d(image, layer.weight, layer.bias, stride=2, padding=1)[..., :-1, :-1]
        image = torch.where(image > 0, image, 0.1 * image)
    return F.conv2d(image, network.output.weight, network.output.bias, padding=2)


def test_equals_its_layers_one_after_another() -> None:
    torch.manual_seed(0)
    network, image = ConvAutoencoder(3, 1), torch.randn(2, 3, 16, 24)
    torch.testing.assert_close(network(image), by_hand(network, image), rtol=1e-4, atol=1e-5)


def test_output_is_unbounded() -> None:
    torch.manual_seed(0)
    assert ConvAutoencoder()(torch.randn(1, 3, 16, 16) * 100).abs().max() > 1
