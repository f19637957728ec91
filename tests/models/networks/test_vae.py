"""The networks of report A, compared with its figures 4, 5 and 6."""

import pytest
import torch
from torch import nn

from s2f_cli.models.networks.gaussian import Gaussian
from s2f_cli.models.networks.image_critic import ImageCritic
from s2f_cli.models.networks.latent_layers import LatentLayers
from s2f_cli.models.networks.vae_decoder import VAEDecoder
from s2f_cli.models.networks.vae_encoder import VAEEncoder

SKETCH = {"size": 32, "widths": [256, 512, 1024, 1024]}


def channels(network: nn.Module, kind: type) -> list[int]:
    layers = [m for m in network.modules() if isinstance(m, kind)]
    assert all(layer.stride == (2, 2) for layer in layers)
    return [layers[0].in_channels, *(layer.out_channels for layer in layers)]


@pytest.mark.parametrize(
    ("network", "kind", "expected", "parameters"),
    [
        ("face encoder", nn.Conv2d, [3, 256, 512, 1024, 1024, 1024, 512], 29_506_304),
        ("sketch encoder", nn.Conv2d, [1, 256, 512, 1024, 1024, 512], 20_062_464),
        ("face decoder", nn.ConvTranspose2d, [256, 1024, 1024, 1024, 512, 256, 3], 48_254_464),
        ("sketch decoder", nn.ConvTranspose2d, [256, 1024, 1024, 512, 256, 1], 31_467_008),
        ("face critic", nn.Conv2d, [3, 256, 256, 512, 1024, 1024, 1], 28_349_441),
        ("sketch critic", nn.Conv2d, [1, 256, 512, 1024, 1024, 1], 27_291_905),
    ],
)
def test_layers_equal_the_figures(network: str, kind: type, expected: list[int], parameters: int) -> None:
    with torch.device("meta"):
        built = {
            "face encoder": VAEEncoder,
            "sketch encoder": lambda: VAEEncoder(1, **SKETCH),
            "face decoder": VAEDecoder,
            "sketch decoder": lambda: VAEDecoder(1, size=32, widths=[1024, 1024, 512, 256]),
            "face critic": ImageCritic,
            "sketch critic": lambda: ImageCritic(1, **SKETCH),
        }[network]()
    assert channels(built, kind) == expected
    assert sum(p.numel() for p in built.parameters()) == parameters


@pytest.mark.parametrize("part", [VAEEncoder, VAEDecoder, ImageCritic])
def test_refuses_a_size_that_does_not_match_the_widths(part: type) -> None:
    with pytest.raises(ValueError, match="not 48"):
        part(size=48, widths=[8, 8, 8, 8])


def test_means_have_both_signs() -> None:
    torch.manual_seed(0)
    code = VAEEncoder(size=16, widths=[4, 8, 8], latent=50)(torch.randn(4, 3, 16, 16))
    assert code.min() < 0 < code.max()


def test_samples_have_the_given_mean_and_variance() -> None:
    torch.manual_seed(0)
    mean, log_variance = torch.tensor([1.0, -2.0]), torch.tensor([0.0, 2.0]).log1p()
    code = torch.cat([mean, log_variance]).expand(100_000, 4)[..., None, None]
    samples = Gaussian()(code)[:, :, 0, 0]
    torch.testing.assert_close(samples.mean(0), mean, rtol=0, atol=0.02)
    torch.testing.assert_close(samples.var(0), log_variance.exp(), rtol=0.02, atol=0)


def test_mean_is_not_random() -> None:
    code = torch.randn(3, 8, 1, 1)
    assert torch.equal(Gaussian().mean(code), code[:, :4])


def test_rows_share_noise_in_evaluation_only() -> None:
    torch.manual_seed(0)
    draw, code = Gaussian(), torch.zeros(2, 8, 1, 1)
    first, second = draw(code)
    assert not torch.equal(first, second)
    first, second = draw.eval()(code)
    assert torch.equal(first, second)


def test_the_last_latent_layer_has_no_norm_or_relu() -> None:
    with torch.device("meta"):
        layers = LatentLayers()
    assert [type(m) for m in layers.layers][1:-1] == [nn.Linear, nn.BatchNorm1d, nn.ReLU] * 3 + [nn.Linear]
    assert sum(p.numel() for p in layers.parameters()) == 4 * (256 * 256 + 256) + 3 * 2 * 256
