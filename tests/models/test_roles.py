import pytest
import torch
from torch import Tensor

from s2f_cli.models.networks import Network, Stochastic
from s2f_cli.models.roles import Networks


class Noisy(Stochastic):
    """Adds noise to its input; `mean` does not."""

    def forward(self, image: Tensor) -> Tensor:
        return image + torch.randn_like(image)

    def mean(self, image: Tensor) -> Tensor:
        return image


class Larger(Network):
    def forward(self, image: Tensor) -> Tensor:
        return image.repeat_interleave(2, 2).repeat_interleave(2, 3)


class Decoder(Network):
    latent = 5

    def forward(self, code: Tensor) -> Tensor:
        return code.sum(1, keepdim=True)


def networks() -> Networks:
    roles = {"larger": Larger(), "noisy": Noisy(), "decoder": Decoder()}
    return Networks(roles, {"face": ["larger", "noisy"]}, samples={"face": ["decoder"], "sketch": ["noisy"]})


def test_a_chain_runs_in_order() -> None:
    image = torch.zeros(1, 1, 2, 2)
    assert networks().translate(image, "face").shape == (1, 1, 4, 4)


def test_mean_replaces_random_samples() -> None:
    image = torch.ones(1, 1, 2, 2)
    assert torch.equal(networks().translate(image, "face", mean=True), torch.ones(1, 1, 4, 4))
    assert not torch.equal(networks().translate(image, "face"), torch.ones(1, 1, 4, 4))


def test_noise_has_the_shape_of_a_latent_code() -> None:
    nets = networks()
    assert nets.noise(3, "face").shape == (3, 5, 1, 1)
    with pytest.raises(ValueError, match="noisy does not generate images from noise"):
        nets.noise(3, "sketch")


def test_conditions_are_planes_behind_the_image() -> None:
    image, vectors = torch.zeros(2, 1, 2, 2), torch.tensor([[0.5, -1.0]])
    for given in (vectors, vectors.expand(2, -1)):
        result = networks().translate(image, "face", given, mean=True)
        assert result.shape == (2, 3, 4, 4)
        assert torch.equal(result[:, 1:, 0, 0], vectors.expand(2, -1))
