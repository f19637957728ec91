import torch
from torch import nn

from s2f_cli.models.networks.dense_decoder import DenseDecoder
from s2f_cli.models.networks.dense_encoder import DenseEncoder


def test_shapes_and_parameter_counts_at_full_size() -> None:
    """Report D §III-A: about 201 million parameters, 512-256-128-64-128-256-512 at 256×256×3."""
    with torch.device("meta"):
        encoder, decoder = DenseEncoder(), DenseDecoder()
    both = nn.ModuleList([encoder, decoder])
    widths = [m.out_features for m in both.modules() if isinstance(m, nn.Linear)]
    assert widths == [512, 256, 128, 64, 128, 256, 512, 256 * 256 * 3]
    assert sum(p.numel() for p in both.parameters()) == 201_869_120


def test_output_is_a_rescaled_sigmoid() -> None:
    torch.manual_seed(0)
    decoder, code = DenseDecoder(size=8, widths=[4, 8]), torch.randn(2, 4, 1, 1)
    torch.testing.assert_close(decoder(code), 2 * torch.sigmoid(decoder.layers(code)) - 1)


def test_pixels_keep_their_order() -> None:
    """Flattening and unflattening agree: with identity layers, the code is the image."""
    decoder = DenseDecoder(out_channels=2, size=8, widths=[128])
    nn.init.eye_(decoder.layers[1].weight)
    image = torch.rand(1, 2, 8, 8)
    torch.testing.assert_close(decoder.layers(image.flatten(1)), image)
