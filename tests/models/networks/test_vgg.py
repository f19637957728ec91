import pytest
import torch
from torch import nn

from s2f_cli.core.errors import RecipeError
from s2f_cli.models.networks.vgg_decoder import VGGDecoder
from s2f_cli.models.networks.vgg_encoder import VGGEncoder


def test_parameter_counts_of_report_d() -> None:
    """§III-D: about 16.3 million, 14.7 of them frozen; table II's 5×5 kernels would give 19.1."""

    def count(network: nn.Module) -> int:
        return sum(p.numel() for p in network.parameters())

    with torch.device("meta"):
        encoder, decoder, larger = VGGEncoder(), VGGDecoder(), VGGDecoder(kernel=5)
        assert decoder(encoder(torch.empty(1, 3, 224, 224))).shape == (1, 3, 224, 224)
        assert larger(torch.empty(1, 512, 7, 7)).shape == (1, 3, 224, 224)
    assert count(encoder) == 14_714_688
    assert count(encoder) + count(decoder) == 16_286_947
    assert count(encoder) + count(larger) == 19_081_187


def test_repeats_a_gray_image_to_three_channels() -> None:
    torch.manual_seed(0)
    encoder, gray = VGGEncoder(weights="random"), torch.rand(1, 1, 32, 32)
    assert torch.equal(encoder(gray), encoder(gray.expand(1, 3, 32, 32)))


def test_refuses_an_unsupported_kernel() -> None:
    with pytest.raises(ValueError, match="3 or 5, not 4"):
        VGGDecoder(kernel=4)


def test_a_missing_weights_file_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"there is no weights file nowhere\.pth"):
        VGGEncoder(weights="nowhere.pth")
