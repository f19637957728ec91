import pytest
import torch

from s2f_cli.training.losses.lsgan import LSGAN

SCORES = torch.tensor([0.0, 0.5, 2.0])


def test_by_hand() -> None:
    """Mao et al. 2017, equation 2: (score - 1)² for label 1, score² for label 0."""
    gan = LSGAN()
    assert gan.real_loss(SCORES).item() == pytest.approx((1 + 0.25 + 1) / 3)
    assert gan.generator_loss(SCORES).item() == pytest.approx((1 + 0.25 + 1) / 3)
    assert gan.fake_loss(SCORES).item() == pytest.approx((0 + 0.25 + 4) / 3)


def test_noise_is_normal_around_each_label() -> None:
    torch.manual_seed(0)
    gan, scores = LSGAN(label_noise=0.3), torch.zeros(400_000, requires_grad=True)
    for function, label in ((gan.real_loss, 1.0), (gan.generator_loss, 1.0), (gan.fake_loss, 0.0)):
        # At scores 0 the loss is mean label², and its gradient -2 label / n: the labels themselves.
        loss = function(scores)
        (gradient,) = torch.autograd.grad(loss, scores)
        labels = gradient * len(scores) / -2
        assert labels.mean().item() == pytest.approx(label, abs=0.003)
        assert labels.std().item() == pytest.approx(0.3, abs=0.003)
        assert ((labels - label).abs() < 0.3).float().mean().item() == pytest.approx(0.6827, abs=0.005)
        assert loss.item() == pytest.approx(label**2 + 0.3**2, abs=0.005)


def test_all_labels_of_one_batch_in_a_hundred_flip() -> None:
    torch.manual_seed(0)
    gan, scores = LSGAN(label_flip=0.01), torch.ones(4)
    losses = [gan.real_loss(scores).item() for _ in range(20_000)]
    assert set(losses) == {0.0, 1.0}
    assert sum(losses) == pytest.approx(200, abs=45)  # three standard deviations


def test_a_certain_flip_swaps_the_labels() -> None:
    flipped, plain = LSGAN(label_flip=1.0), LSGAN()
    assert flipped.real_loss(SCORES) == plain.fake_loss(SCORES)
    assert flipped.fake_loss(SCORES) == plain.real_loss(SCORES) == flipped.real_loss(1 - SCORES)


@pytest.mark.parametrize("options", [{"label_noise": -0.1}, {"label_flip": -0.1}, {"label_flip": 1.1}])
def test_invalid_options_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="label_flip between 0 and 1"):
        LSGAN(**options)
