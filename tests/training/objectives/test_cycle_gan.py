import pytest
import torch
from torch import Tensor

from s2f_cli.models.networks import Network
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch
from s2f_cli.training.losses.gradient_penalty import GradientPenalty
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.lsgan import LSGAN
from s2f_cli.training.objectives.cycle_gan import cycle_gan
from toy_networks import Shift


class Brightness(Network):
    """Scores an image by its mean."""

    def forward(self, image: Tensor) -> Tensor:
        return image.mean(dim=(1, 2, 3), keepdim=True)


def networks() -> Networks:
    roles = {
        "to_face": Shift(0.5),
        "to_sketch": Shift(-0.25),
        "face_critic": Brightness(),
        "sketch_critic": Brightness(),
    }
    return Networks(roles, {"face": ["to_face"], "sketch": ["to_sketch"]})


FACE, SKETCH = torch.full((1, 3, 4, 4), 0.2), torch.full((1, 3, 4, 4), -0.4)


def run_step(step: int = 0, **options: object) -> dict[str, dict[str, float]]:
    moves = cycle_gan(networks(), Batch(FACE, SKETCH, step=step), **options)
    return {
        player: {term: round(loss.item(), 6) for term, loss in terms.items()}
        for move in moves
        for player, terms in move.items()
    }


def test_by_hand() -> None:
    """The sketch becomes a face of 0.1, the face a sketch of -0.05; a round trip adds 0.25."""
    assert run_step() == {
        "generators": {"adversarial": round(0.9**2 + 1.05**2, 6), "cycle": 0.5},
        "critics": {"real": round(0.8**2 + 1.4**2, 6), "fake": round(0.1**2 + 0.05**2, 6)},
    }


def test_identity_and_pairs_by_hand() -> None:
    """A face shifts by 0.5 and a sketch by 0.25; translations are 0.1 and 0.35 from the truth."""
    terms = run_step(identity=L1(), paired=L1())["generators"]
    assert (terms["identity"], terms["paired"]) == (0.75, 0.45)


def test_generators_move_every_critic_steps() -> None:
    assert [list(run_step(step, critic_steps=3)) for step in range(4)] == [
        ["generators", "critics"],
        ["critics"],
        ["critics"],
        ["generators", "critics"],
    ]


def test_a_penalty_is_a_term_of_the_critics() -> None:
    terms = run_step(adversarial=LSGAN(), penalty=GradientPenalty())["critics"]
    slope = (1 / 48) * 48**0.5
    assert terms["penalty"] == pytest.approx(2 * (slope - 1) ** 2, abs=1e-5)


def test_critics_see_the_images_of_the_pool() -> None:
    class Dark(Network):
        def forward(self, images: Tensor) -> Tensor:
            return torch.full_like(images, -1.0)

    nets = networks()
    nets["face_pool"] = Dark()
    *_, move = cycle_gan(nets, Batch(FACE, SKETCH))
    assert float(move["critics"]["fake"]) == pytest.approx(1 + 0.05**2)


def test_the_critics_have_no_gradient_for_the_generators() -> None:
    nets = networks()
    *_, move = cycle_gan(nets, Batch(FACE, SKETCH))
    assert not any(loss.requires_grad for loss in move["critics"].values())


def test_a_generator_can_be_a_chain() -> None:
    """As in ComboGAN: an encoder and a decoder of each domain."""
    roles = {
        "face_encoder": Shift(0.1),
        "sketch_encoder": Shift(0.2),
        "face_decoder": Shift(0.3),
        "sketch_decoder": Shift(-0.35),
        "face_critic": Brightness(),
        "sketch_critic": Brightness(),
    }
    chains = {"face": ["sketch_encoder", "face_decoder"], "sketch": ["face_encoder", "sketch_decoder"]}
    generators, _ = cycle_gan(Networks(roles, chains), Batch(FACE, SKETCH))
    terms = generators["generators"]
    assert float(terms["adversarial"]) == pytest.approx(0.9**2 + 1.05**2)
    assert float(terms["cycle"]) == pytest.approx(0.5)
