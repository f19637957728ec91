"""What every loss keeps to; a new file is tested by being there."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from s2f_cli.core import registry
from s2f_cli.training.losses import AdversarialLoss

NAMES = registry.names("losses")
APART = {"patch_nce", "perceptual", "ssim_l1"}
"""What is given no small images; tested on its own."""
PLAIN = [name for name in NAMES if name not in APART]

DISTURBED = {"label_noise": 0.1, "label_flip": 0.5}
SMALL: dict[str, dict[str, Any]] = dict.fromkeys(
    ("hinge", "lsgan", "nonsaturating", "wasserstein"), DISTURBED
)
"""Options of the losses that have more to test than their defaults."""

OF_A_NETWORK = ("l2_weights",)
OF_A_CODE = ("kl", "l1_activity")
PENALTIES = ("gradient_penalty", "r1")
"""What these are given: a critic, real and generated images."""


SMALL["perceptual"] = {"weights": "random"}


def build(name: str) -> nn.Module:
    return registry.find("losses", name)(**SMALL.get(name, {}))


def judgements(name: str) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    """What can be asked of a loss: an adversarial one has three questions, the others one."""
    loss = build(name)
    if isinstance(loss, AdversarialLoss):
        yield from (
            (question, getattr(loss, question)) for question in ("generator_loss", "real_loss", "fake_loss")
        )
    elif name in OF_A_CODE:
        yield "code", loss
    elif name in OF_A_NETWORK:
        yield "weights", lambda made: loss(Holding(made))
    elif name in PENALTIES:
        real = torch.ones(2, 3, 4, 4)
        yield (
            "penalty",
            lambda made: loss(lambda images: critic(images * made), real.to(made), 0 * real.to(made)),
        )
    else:
        yield "distance", lambda made: loss(made, torch.zeros_like(made))


def critic(images: Tensor) -> Tensor:
    """Scores whose slope changes from image to image and from pixel to pixel."""
    return (images**3 + 3 * images).mean(dim=(1, 2, 3))


class Holding(nn.Module):
    """A network whose one parameter is given."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = weight

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        yield self.weight


def made() -> Tensor:
    return torch.linspace(-0.9, 0.8, 2 * 3 * 4 * 4).reshape(2, 3, 4, 4).requires_grad_()


@pytest.mark.parametrize("name", PLAIN)
def test_is_one_finite_number_whose_gradient_comes_back(name: str) -> None:
    torch.manual_seed(0)
    for question, ask in judgements(name):
        value = ask(asked := made())
        assert value.shape == () and value.isfinite(), question
        (gradient,) = torch.autograd.grad(value, asked)
        assert gradient.isfinite().all() and gradient.abs().sum() > 0, question


@pytest.mark.parametrize("name", PLAIN)
def test_gradient_is_the_slope(name: str) -> None:
    for question, ask in judgements(name):

        def seeded(asked: Tensor, ask: Callable[[Tensor], Tensor] = ask) -> Tensor:
            torch.manual_seed(3)
            return ask(asked)

        assert torch.autograd.gradcheck(seeded, made().double().detach().requires_grad_()), question


@pytest.mark.parametrize("name", [name for name in PLAIN if "distance" in dict(judgements(name))])
def test_a_distance_is_least_from_itself_and_grows(name: str) -> None:
    loss, image = build(name), made()
    assert loss(image, image) < loss(image + 0.1, image) < loss(image + 0.2, image)


@pytest.mark.parametrize("name", [name for name in PLAIN if "generator_loss" in dict(judgements(name))])
def test_an_adversarial_loss_pulls_scores_the_right_way(name: str) -> None:
    loss = registry.find("losses", name)()
    for question, direction in (("generator_loss", 1), ("real_loss", 1), ("fake_loss", -1)):
        scores = torch.full((5,), 0.5, requires_grad=True)
        (gradient,) = torch.autograd.grad(getattr(loss, question)(scores), scores)
        assert (gradient * direction < 0).all(), question


@pytest.mark.parametrize("name", NAMES)
def test_has_no_weights_of_its_own_to_train(name: str) -> None:
    assert not [p for p in build(name).parameters() if p.requires_grad]


@pytest.mark.parametrize("name", NAMES)
def test_says_where_it_comes_from(name: str) -> None:
    module = __import__(f"s2f_cli.training.losses.{name}", fromlist=["__doc__"])
    told = f"{module.__doc__} {registry.find('losses', name).__doc__}"
    assert re.search(r"[Rr]eport [A-E]\b|\b(19|20)\d\d\b", told)
