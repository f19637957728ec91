import pytest
import torch
from torch import Tensor, nn

from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.objectives.reconstruction import reconstruction
from toy_networks import Shift


class Size(nn.Module):
    """A loss of a code, or of a network."""

    def forward(self, value: Tensor | nn.Module) -> Tensor:
        if isinstance(value, Tensor):
            return value.mean()
        return sum(p.square().sum() for p in value.parameters())


FACE, SKETCH = torch.full((2, 1, 4, 4), 0.5), torch.full((2, 1, 4, 4), -0.5)


def run_step(**options: nn.Module) -> dict[str, float]:
    roles = {"encoder": Shift(0.5), "decoder": Shift(0.25), "to_sketch": Shift(-0.5)}
    nets = Networks(roles, {"face": ["encoder", "decoder"], "sketch": ["to_sketch"]})
    (move,) = reconstruction(nets, Batch(FACE, SKETCH), **options)
    return {name: float(loss) for name, loss in move["translators"].items()}


def test_by_hand() -> None:
    assert run_step() == pytest.approx({"face": 0.25**2, "sketch": 0.5**2})
    assert run_step(distance=L1()) == pytest.approx({"face": 0.25, "sketch": 0.5})


def test_further_distances_are_terms_of_their_own() -> None:
    assert run_step(perceptual=L1(), identity=L1(), texture=L1()) == pytest.approx(
        {"face": 0.25**2, "sketch": 0.5**2, "perceptual": 0.75, "identity": 0.75, "texture": 0.75}
    )


def test_activity_is_the_loss_of_the_codes() -> None:
    """The codes are -0.5 + 0.5 and 0.5 - 0.5."""
    assert run_step(activity=Size())["activity"] == pytest.approx(0.0)


def test_decay_is_a_term_of_each_role() -> None:
    terms = run_step(decay=Size())
    assert {role: terms[role] for role in ("encoder", "decoder", "to_sketch")} == pytest.approx(
        {"encoder": 0.25, "decoder": 0.0625, "to_sketch": 0.25}
    )
