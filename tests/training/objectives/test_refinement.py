import pytest
import torch
from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch
from s2f_cli.training.objectives.refinement import refinement

FACE = torch.zeros(2, 3, 8, 8)
SKETCH = torch.arange(2 * 64.0).reshape(2, 1, 8, 8) / 64 - 1


class LastChannel(Network):
    """Returns the last channel, the enlarged translation, times a weight."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.seen: list[Tensor] = []

    def forward(self, image: Tensor) -> Tensor:
        self.seen.append(image)
        return self.weight * image[:, -1:]


class MeanScore(Network):
    def forward(self, pair: Tensor) -> Tensor:
        return pair.mean(dim=(1, 2, 3))


def networks() -> Networks:
    roles = {"sketch_refiner": LastChannel(), "sketch_critic": MeanScore()}
    return Networks(roles, {}, refinements={"sketch": ["sketch_refiner"]})


def test_the_network_sees_the_source_and_the_ground_truth_at_half_the_size() -> None:
    nets = networks()
    critics, generators = refinement(nets, Batch(FACE, SKETCH), noise=0)
    (seen,) = nets.sketch_refiner.seen
    half = nn.functional.avg_pool2d(SKETCH, 2)
    assert seen.shape == (2, 4, 8, 8)
    assert torch.equal(seen[:, 3:], nn.functional.interpolate(half, (8, 8), mode="bilinear"))
    assert set(critics["critics"]) == {"real", "fake"}
    distance = generators["generators"]["distance"]
    assert float(distance) == pytest.approx(float((seen[:, 3:] - SKETCH).abs().mean()))
    distance.backward()
    assert nets.sketch_refiner.weight.grad is not None


def test_noise_differs_between_images() -> None:
    nets = networks()
    batch = Batch(torch.zeros(2, 3, 64, 64), torch.zeros(2, 1, 64, 64))
    list(refinement(nets, batch, noise=0.5))
    strengths = nets.sketch_refiner.seen[0][:, 3].std(dim=(1, 2))
    assert (strengths > 0).all() and (strengths < 0.6).all()
    assert strengths[0] != strengths[1]
