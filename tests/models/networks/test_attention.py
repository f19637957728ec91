import torch

from s2f_cli.models.networks._attention import SelfAttention
from s2f_cli.models.networks.patch_critic import PatchCritic
from s2f_cli.models.networks.pix2pix_unet import Pix2PixUNet


def test_an_untrained_layer_returns_its_input() -> None:
    torch.manual_seed(0)
    image = torch.randn(2, 16, 5, 7)
    assert torch.equal(SelfAttention(16)(image), image)


def test_matches_the_equations_of_the_paper() -> None:
    """Zhang et al. 2019, equations 1 to 3."""
    torch.manual_seed(0)
    layer, image = SelfAttention(16), torch.randn(2, 16, 3, 5)
    torch.nn.init.constant_(layer.share, 0.5)
    query, key, value = (projection(image).flatten(2) for projection in (layer.query, layer.key, layer.value))
    shares = torch.softmax(torch.einsum("nci,ncj->nij", query, key), dim=2)
    attended = torch.einsum("nij,ncj->nci", shares, value).reshape(image.shape)
    torch.testing.assert_close(layer(image), image + 0.5 * attended, rtol=1e-4, atol=1e-5)


def test_spectral_norm_limits_the_largest_singular_value_to_1() -> None:
    torch.manual_seed(0)
    for network in (PatchCritic(features=4, spectral=True), Pix2PixUNet(features=2, levels=3, spectral=True)):
        image = torch.randn(1, 3, 32, 32)
        for _ in range(30):
            network(image)
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d):
                largest = torch.linalg.matrix_norm(module.weight.flatten(1), ord=2)
                torch.testing.assert_close(largest, torch.tensor(1.0), rtol=0.02, atol=0)
