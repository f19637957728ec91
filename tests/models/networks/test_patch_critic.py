import pytest
import torch
from torch import nn

from s2f_cli.models.networks.patch_critic import PatchCritic


def test_shapes_and_parameter_counts_at_full_size() -> None:
    with torch.device("meta"):
        critic = PatchCritic(in_channels=3)
        scores = critic(torch.empty(2, 3, 256, 256))
    assert sum(p.numel() for p in critic.parameters()) == 2_764_737
    assert scores.shape == (2, 1, 30, 30)


@pytest.mark.parametrize(("layers", "pixels"), [(1, 16), (2, 34), (3, 70)])
def test_receptive_field_of_a_score(layers: int, pixels: int) -> None:
    """From the gradient of one score, without the norms, whose statistics depend on the whole image."""
    torch.manual_seed(0)
    critic = PatchCritic(features=4, layers=layers)
    for index, layer in enumerate(critic.layers):
        if not isinstance(layer, nn.Conv2d | nn.LeakyReLU):
            critic.layers[index] = nn.Identity()
    image = torch.randn(1, 3, 160, 160, requires_grad=True)
    scores = critic(image)
    (gradient,) = torch.autograd.grad(scores[0, 0, scores.shape[2] // 2, scores.shape[3] // 2], image)
    reached = gradient[0].abs().sum(0).nonzero()
    extent = reached.max(0).values - reached.min(0).values + 1
    assert extent.tolist() == [pixels, pixels]


def test_widths_double_up_to_eight_times() -> None:
    with torch.device("meta"):
        critic = PatchCritic(layers=5)
    convolutions = [m for m in critic.modules() if isinstance(m, nn.Conv2d)]
    assert [c.out_channels for c in convolutions] == [64, 128, 256, 512, 512, 512, 1]
    assert [c.stride[0] for c in convolutions] == [2, 2, 2, 2, 2, 1, 1]
    assert all(c.kernel_size == (4, 4) for c in convolutions)
