"""The objectives of report A by hand, on networks with one weight each."""

import pytest
import torch
from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch
from s2f_cli.training.losses.gradient_penalty import GradientPenalty
from s2f_cli.training.losses.nonsaturating import Nonsaturating
from s2f_cli.training.losses.wasserstein import Wasserstein
from s2f_cli.training.objectives.cycle_vae import cycle_vae
from s2f_cli.training.objectives.gan import gan
from s2f_cli.training.objectives.vae_gan import vae_gan

FACE, SKETCH = torch.full((2, 1, 4, 4), 0.5), torch.full((2, 1, 4, 4), -0.25)


class Encoder(Network):
    """The code of an image: its mean, with log variance 0."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, image: Tensor) -> Tensor:
        mean = self.scale * image.mean(dim=(1, 2, 3))[:, None, None, None]
        return torch.cat([mean, torch.zeros_like(mean)], dim=1)


class Mean(Network):
    """The mean of a code."""

    def forward(self, code: Tensor) -> Tensor:
        return code[:, :1]


class Decoder(Network):
    """A uniform gray image: the code plus a trained number."""

    latent = 1

    def __init__(self, add: float) -> None:
        super().__init__()
        self.add = nn.Parameter(torch.tensor(add))

    def forward(self, code: Tensor) -> Tensor:
        return (code + self.add).expand(-1, -1, 4, 4)


class Brightness(Network):
    def forward(self, image: Tensor) -> Tensor:
        return image.mean(dim=(1, 2, 3))


def networks() -> Networks:
    roles = {
        "face_encoder": Encoder(),
        "sketch_encoder": Encoder(),
        "draw": Mean(),
        "face_decoder": Decoder(0.1),
        "sketch_decoder": Decoder(0.2),
        "face_critic": Brightness(),
        "sketch_critic": Brightness(),
    }
    return Networks(
        roles,
        {
            "face": ["sketch_encoder", "draw", "face_decoder"],
            "sketch": ["face_encoder", "draw", "sketch_decoder"],
        },
        {
            "face": ["face_encoder", "draw", "face_decoder"],
            "sketch": ["sketch_encoder", "draw", "sketch_decoder"],
        },
        {"face": ["face_decoder"], "sketch": ["sketch_decoder"]},
    )


def values(move: dict[str, dict[str, Tensor]]) -> dict[str, float]:
    return {f"{player}/{term}": loss.item() for player, terms in move.items() for term, loss in terms.items()}


def test_vae_gan_by_hand() -> None:
    """The face of 0.5 becomes 0.6, the sketch of -0.25 becomes -0.05; KL(N(m, 1)) is m²/2."""
    critics, generators = vae_gan(networks(), Batch(FACE, SKETCH))
    assert values(critics) == pytest.approx({"critics/real": -0.5 + 0.25, "critics/fake": 0.6 - 0.05})
    assert values(generators) == pytest.approx(
        {
            "generators/reconstruction": 0.1 + 0.2,
            "generators/adversarial": -0.6 + 0.05,
            "generators/kl": (0.5**2 + 0.25**2) / 2,
        },
        abs=1e-6,
    )


def test_vae_gan_in_one_domain() -> None:
    critics, generators = vae_gan(networks(), Batch(sketch=SKETCH))
    assert values(critics)["critics/real"] == pytest.approx(0.25)
    assert values(generators)["generators/reconstruction"] == pytest.approx(0.2)


def test_cycle_vae_by_hand() -> None:
    """The sketch becomes a face of -0.15, the face a sketch of 0.7; a round trip adds 0.3."""
    critics, generators = cycle_vae(networks(), Batch(FACE, SKETCH))
    assert values(critics) == pytest.approx({"critics/real": -0.5 + 0.25, "critics/fake": -0.15 + 0.7})
    assert values(generators) == pytest.approx(
        {
            "generators/reconstruction": 0.3 + 0.3,
            "generators/adversarial": 0.15 - 0.7,
            "generators/kl": (0.5**2 + 0.25**2) / 2,
        },
        abs=1e-6,
    )


@pytest.mark.parametrize("objective", [vae_gan, cycle_vae, gan])
def test_generators_move_every_fifth_step(objective) -> None:
    players = [
        [
            *(
                next(iter(move))
                for move in objective(networks(), Batch(FACE, SKETCH, step=step), critic_steps=5)
            )
        ]
        for step in range(6)
    ]
    assert players == [["critics", "generators"], *[["critics"]] * 4, ["critics", "generators"]]


@pytest.mark.parametrize("objective", [vae_gan, cycle_vae, gan])
def test_a_penalty_is_a_term_of_the_critics(objective) -> None:
    critics, *_ = objective(networks(), Batch(FACE, SKETCH), penalty=GradientPenalty())
    assert values(critics)["critics/penalty"] == pytest.approx(2 * (4 / 16 - 1) ** 2)


def test_gan_by_hand() -> None:
    torch.manual_seed(3)
    critics, generators = gan(networks(), Batch(FACE, SKETCH), adversarial=Wasserstein())
    torch.manual_seed(3)
    noise = torch.randn(2, 1, 1, 1).mean() + 0.1 + torch.randn(2, 1, 1, 1).mean() + 0.2
    assert values(critics) == pytest.approx({"critics/real": -0.25, "critics/fake": noise.item()}, abs=1e-6)
    assert values(generators) == pytest.approx({"generators/adversarial": -noise.item()}, abs=1e-6)


def test_gan_in_one_domain() -> None:
    critics, _ = gan(networks(), Batch(face=FACE), adversarial=Nonsaturating())
    real = torch.nn.functional.softplus(torch.tensor(-0.5)).item()
    assert values(critics)["critics/real"] == pytest.approx(real)
