import pytest
import torch
from torch import Tensor, nn

from s2f_cli.training.losses.gradient_penalty import GradientPenalty
from s2f_cli.training.losses.r1 import R1


class Weighted(nn.Module):
    """Scores are a weighted sum of the pixels, so their gradient is the weights everywhere."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights)

    def forward(self, images: Tensor) -> Tensor:
        return (images * self.weights).sum(dim=(1, 2, 3))


REAL, FAKE = torch.zeros(2, 1, 2, 2), torch.ones(2, 1, 2, 2)


def test_penalties_of_a_linear_critic_by_hand() -> None:
    """‖(1, 2, 2, 4)‖ = 5: WGAN-GP's penalty is (5 - 1)², R1's ½ · 25."""
    critic = Weighted(torch.tensor([[1.0, 2.0], [2.0, 4.0]]))
    torch.testing.assert_close(GradientPenalty()(critic, REAL, FAKE), torch.tensor(16.0))
    torch.testing.assert_close(R1()(critic, REAL, FAKE), torch.tensor(12.5))


def test_the_penalty_has_a_gradient_for_the_critic() -> None:
    """d(‖w‖ - 1)²/dw = 2 (‖w‖ - 1) w/‖w‖ and d½‖w‖²/dw = w."""
    weights = torch.tensor([[1.0, 2.0], [2.0, 4.0]])
    for penalty, slope in ((GradientPenalty(), 8 / 5 * weights), (R1(), weights)):
        critic = Weighted(weights.clone())
        penalty(critic, REAL, FAKE).backward()
        torch.testing.assert_close(critic.weights.grad, slope)


def test_the_gradient_penalty_interpolates_real_and_generated_images() -> None:
    """The mean square has the gradient 2 x̂ / 4 at each of 4 pixels, so its norm is x̂ here."""
    inputs: list[Tensor] = []

    class Square(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            inputs.append(images.detach())
            return images.square().mean(dim=(1, 2, 3))

    torch.manual_seed(0)
    value = GradientPenalty()(Square(), torch.zeros(500, 1, 2, 2), torch.ones(500, 1, 2, 2))
    (between,) = inputs
    positions = between[:, 0, 0, 0]
    assert torch.equal(between, positions[:, None, None, None].expand_as(between))
    assert 0 <= positions.min() < 0.05 < 0.95 < positions.max() <= 1
    torch.testing.assert_close(value, (positions - 1).square().mean())


def test_r1_ignores_generated_images() -> None:
    critic = Weighted(torch.ones(2, 2))
    torch.testing.assert_close(R1()(critic, REAL, FAKE * 1000), R1()(critic, REAL, FAKE))


class Patches(nn.Module):
    """Four scores per image, one for each pixel, with the gradients 3, 0, 0 and 4."""

    def forward(self, images: Tensor) -> Tensor:
        return images * torch.tensor([[3.0, 0.0], [0.0, 4.0]])


def test_the_gradient_penalty_takes_the_mean_score_of_patches() -> None:
    """Its gradient is (3, 0, 0, 4) / 4, with the norm 5/4."""
    torch.testing.assert_close(GradientPenalty()(Patches(), REAL, FAKE), torch.tensor(0.0625))


def test_r1_penalises_every_patch() -> None:
    torch.testing.assert_close(R1()(Patches(), REAL, FAKE), torch.tensor((9 + 16) / 4 / 2))


def test_products_of_overlapping_patches_cancel_on_average() -> None:
    """Two scores with the gradients (1, 1, 1, 1) and (2, 2, 0, 0): ½ · (4 + 8) / 2."""

    def overlapping(images: Tensor) -> Tensor:
        return torch.stack([images.sum((1, 2, 3)), 2 * images[:, :, 0].sum((1, 2))], dim=1)

    torch.manual_seed(0)
    many = torch.zeros(4000, 1, 2, 2)
    assert R1()(overlapping, many, many).item() == pytest.approx(3, abs=0.1)
