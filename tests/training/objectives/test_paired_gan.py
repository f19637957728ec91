import math

import pytest
import torch
from torch import Tensor, nn

from s2f_cli.models.networks import FeatureNetwork, Network
from s2f_cli.models.networks.diff_augment import DiffAugment
from s2f_cli.models.networks.patch_critic import PatchCritic
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.lsgan import LSGAN
from s2f_cli.training.losses.mse import MSE
from s2f_cli.training.losses.r1 import R1
from s2f_cli.training.objectives.paired_gan import paired_gan


class Constant(Network):
    """Returns a uniform gray image."""

    def __init__(self, gray: float, channels: int) -> None:
        super().__init__()
        self.gray, self.channels = nn.Parameter(torch.tensor(gray)), channels

    def forward(self, image: Tensor) -> Tensor:
        return self.gray.expand(len(image), self.channels, *image.shape[2:])


class FirstAndLast(Network):
    """Scores a pair of images by its first channel minus its last one."""

    def forward(self, pair: Tensor) -> Tensor:
        assert pair.shape[1] == 4
        return (pair[:, :1] - pair[:, -1:]).mean(dim=(2, 3))


FACE, SKETCH = torch.full((2, 3, 4, 4), 0.5), torch.full((2, 1, 4, 4), -0.5)


def networks(directions: tuple[str, ...] = ("face", "sketch")) -> Networks:
    roles = {
        "to_face": Constant(0.1, 3),
        "to_sketch": Constant(0.3, 1),
        "face_critic": FirstAndLast(),
        "sketch_critic": FirstAndLast(),
    }
    return Networks(roles, {to: [f"to_{to}"] for to in directions})  # type: ignore[misc]


def softplus(score: float) -> float:
    return math.log(1 + math.exp(score))


def test_by_hand() -> None:
    """The source comes first: the real face scores -0.5 - 0.5, the generated one -0.5 - 0.1."""
    critics, generators = paired_gan(networks(), Batch(FACE, SKETCH))
    real, fake = critics["critics"]["real"], critics["critics"]["fake"]
    assert float(real) == pytest.approx(softplus(1.0) + softplus(-1.0))
    assert float(fake) == pytest.approx(softplus(-0.6) + softplus(0.2))
    assert float(generators["generators"]["adversarial"]) == pytest.approx(softplus(0.6) + softplus(-0.2))
    assert float(generators["generators"]["distance"]) == pytest.approx(0.4 + 0.8)


def test_a_single_direction_can_be_trained() -> None:
    critics, generators = paired_gan(networks(("sketch",)), Batch(FACE, SKETCH), adversarial=LSGAN())
    assert float(critics["critics"]["real"]) == pytest.approx(0)
    assert float(generators["generators"]["distance"]) == pytest.approx(0.8)


def test_a_penalty_is_a_term_of_the_critics() -> None:
    """The gradient of the score is 1/16 at the 16 pixels of two channels."""
    critics, _ = paired_gan(networks(), Batch(FACE, SKETCH), penalty=R1())
    assert float(critics["critics"]["penalty"]) == pytest.approx(2 * 0.5 * 32 / 16**2)


def test_further_distances_are_terms_of_their_own() -> None:
    _, generators = paired_gan(networks(), Batch(FACE, SKETCH), perceptual=L1(), identity=MSE(), texture=L1())
    assert float(generators["generators"]["perceptual"]) == pytest.approx(0.4 + 0.8)
    assert float(generators["generators"]["identity"]) == pytest.approx(0.4**2 + 0.8**2)
    assert float(generators["generators"]["texture"]) == pytest.approx(0.4 + 0.8)


class Layered(FeatureNetwork):
    """A critic with two layers: the pair, and twice the pair."""

    def forward(self, pair: Tensor) -> Tensor:
        return pair.mean(dim=(1, 2, 3))

    def features(self, pair: Tensor) -> list[Tensor]:
        return [pair, 2 * pair]


def test_matching_by_hand() -> None:
    """Of the 4 channels of a pair, the 3 of the face or the 1 of the sketch differ."""
    nets = networks()
    nets["face_critic"], nets["sketch_critic"] = Layered(), Layered()
    _, generators = paired_gan(nets, Batch(FACE, SKETCH), matching=L1())
    expected = 1.5 * 0.4 * 3 / 4 + 1.5 * 0.8 * 1 / 4
    assert float(generators["generators"]["matching"]) == pytest.approx(expected)
    generators["generators"]["matching"].backward()
    assert nets.to_face.gray.grad is not None


@pytest.mark.parametrize(("augmented", "passes"), [(False, 4), (True, 5)])
def test_matching_shares_a_pass_of_the_critic_with_the_adversarial_term(augmented: bool, passes: int) -> None:
    """The passes are: real and generated pairs of the critic's move, then generated and real ones."""
    torch.manual_seed(0)
    critic = PatchCritic(4, features=2, layers=1, augment=DiffAugment(["color"]) if augmented else None)
    first = critic.layers[0]
    calls: list[Tensor] = []
    first.register_forward_hook(lambda module, inputs, output: calls.append(output))
    nets = networks(("sketch",))
    nets["sketch_critic"] = critic
    batch = Batch(torch.rand(2, 3, 16, 16), torch.rand(2, 1, 16, 16))
    _, generators = paired_gan(nets, batch, matching=L1())
    assert len(calls) == passes
    terms = generators["generators"]
    total = terms["adversarial"] + terms["matching"]
    (gradient,) = torch.autograd.grad(total, nets.to_sketch.gray)
    if not augmented:
        pair = torch.cat([batch.face, nets.to_sketch(batch.face)], dim=1)
        real = torch.cat([batch.face, batch.sketch], dim=1)
        features = zip(critic.features(pair), critic.features(real), strict=True)
        apart = (
            torch.nn.functional.softplus(-critic(pair)).mean()
            + torch.stack([L1()(fake, true.detach()) for fake, true in features]).mean()
        )
        assert total.item() == pytest.approx(apart.item())
        (expected,) = torch.autograd.grad(apart, nets.to_sketch.gray)
        assert gradient.item() == pytest.approx(expected.item(), rel=1e-4)
