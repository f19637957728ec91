"""Golden values by hand, and the effect of disturbed labels on every adversarial loss."""

import math

import pytest
import torch
import torch.nn.functional as F

from s2f_cli.training.losses.hinge import Hinge
from s2f_cli.training.losses.lsgan import LSGAN
from s2f_cli.training.losses.nonsaturating import Nonsaturating
from s2f_cli.training.losses.wasserstein import Wasserstein

LOSSES = (Hinge, LSGAN, Nonsaturating, Wasserstein)
SCORES = torch.tensor([0.0, 0.5, 2.0])


def test_nonsaturating_by_hand() -> None:
    """-mean log σ(s) for real images and the generator, -mean log(1 - σ(s)) for generated images."""
    right = [-math.log(1 / (1 + math.exp(-s))) for s in (0.0, 0.5, 2.0)]
    wrong = [-math.log(1 - 1 / (1 + math.exp(-s))) for s in (0.0, 0.5, 2.0)]
    gan = Nonsaturating()
    assert gan.real_loss(SCORES).item() == gan.generator_loss(SCORES).item() == pytest.approx(sum(right) / 3)
    assert gan.fake_loss(SCORES).item() == pytest.approx(sum(wrong) / 3)


def test_nonsaturating_stays_finite_where_a_sigmoid_is_0_or_1() -> None:
    assert Nonsaturating().fake_loss(torch.tensor([200.0])).item() == pytest.approx(200)
    assert Nonsaturating().real_loss(torch.tensor([-200.0])).item() == pytest.approx(200)


def test_hinge_by_hand() -> None:
    gan = Hinge()
    assert gan.real_loss(SCORES).item() == pytest.approx((1 + 0.5 + 0) / 3)
    assert gan.fake_loss(SCORES).item() == pytest.approx((1 + 1.5 + 3) / 3)
    assert gan.fake_loss(-SCORES).item() == pytest.approx((1 + 0.5 + 0) / 3)
    assert gan.generator_loss(SCORES).item() == pytest.approx(-2.5 / 3)


def test_wasserstein_by_hand() -> None:
    gan = Wasserstein()
    assert gan.real_loss(SCORES).item() == gan.generator_loss(SCORES).item() == pytest.approx(-2.5 / 3)
    assert gan.fake_loss(SCORES).item() == pytest.approx(2.5 / 3)


@pytest.mark.parametrize("loss_type", LOSSES)
def test_a_certain_flip_swaps_real_and_fake(loss_type: type) -> None:
    plain, flipped = loss_type(), loss_type(label_flip=1.0)
    torch.testing.assert_close(flipped.real_loss(SCORES), plain.fake_loss(SCORES))
    torch.testing.assert_close(flipped.fake_loss(SCORES), plain.real_loss(SCORES))


@pytest.mark.parametrize("loss_type", (Hinge, Nonsaturating, Wasserstein))
def test_label_noise_weights_both_losses(loss_type: type) -> None:
    """These losses are linear in the label: t times the real loss plus 1 - t times the fake one."""
    noisy, plain = loss_type(label_noise=0.3), loss_type()
    torch.manual_seed(5)
    loss = noisy.real_loss(SCORES)
    torch.manual_seed(5)
    labels = 1 + 0.3 * torch.randn(3)
    pairs = zip(SCORES[:, None], labels, strict=True)
    weighted = [
        label * plain.real_loss(score) + (1 - label) * plain.fake_loss(score) for score, label in pairs
    ]
    torch.testing.assert_close(loss, torch.stack(weighted).mean())


@pytest.mark.parametrize("loss_type", LOSSES)
@pytest.mark.parametrize("options", [{"label_noise": -0.1}, {"label_flip": -0.1}, {"label_flip": 1.1}])
def test_invalid_label_options_are_refused(loss_type: type, options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="label_flip between 0 and 1"):
        loss_type(**options)


def test_nonsaturating_matches_torch() -> None:
    torch.manual_seed(0)
    scores = torch.randn(4, 1, 6, 6)
    torch.testing.assert_close(
        Nonsaturating().fake_loss(scores),
        F.binary_cross_entropy_with_logits(scores, torch.zeros_like(scores)),
    )


@pytest.mark.parametrize("loss_type", LOSSES)
def test_the_losses_are_equal_at_the_decision_boundary(loss_type: type) -> None:
    scores = torch.full((3,), loss_type().decision_boundary)
    torch.testing.assert_close(loss_type().real_loss(scores), loss_type().fake_loss(scores))


@pytest.mark.parametrize("loss_type", LOSSES)
def test_half_precision_scores_are_computed_in_float32(loss_type: type) -> None:
    scores = torch.tensor([0.0, 0.5, 2.0, 0.1015625], dtype=torch.bfloat16)
    for function in (loss_type().generator_loss, loss_type().real_loss, loss_type().fake_loss):
        loss = function(scores)
        assert loss.dtype == torch.float32
        torch.testing.assert_close(loss, function(scores.float()))
