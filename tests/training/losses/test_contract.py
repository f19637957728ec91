"""The contract of losses, for every file in the folder."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from s2f_cli.core import registry
from s2f_cli.training.losses import AdversarialLoss

NAMES = registry.names("losses")
TESTED_ELSEWHERE = {"contextual", "gradient_energy", "identity", "patch_nce", "perceptual", "ssim_l1"}
"""Losses that do not take the small images of this test."""
PLAIN = [name for name in NAMES if name not in TESTED_ELSEWHERE]

DISTURBED = {"label_noise": 0.1, "label_flip": 0.5}
OPTIONS: dict[str, dict[str, Any]] = {
    "contextual": {"weights": "random"},
    "identity": {"weights": "random"},
    "hinge": DISTURBED,
    "lsgan": DISTURBED,
    "nonsaturating": DISTURBED,
    "wasserstein": DISTURBED,
    "perceptual": {"weights": "random"},
}
"""Options other than the defaults."""

OF_A_NETWORK = ("l2_weights",)
OF_A_CODE = ("kl", "l1_activity")
PENALTIES = ("gradient_penalty", "r1")
"""Losses of a critic, real and generated images."""


def build(name: str) -> nn.Module:
    return registry.find("losses", name)(**OPTIONS.get(name, {}))


def functions_of(name: str) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    """The functions of a loss: three of an adversarial loss, one of the others."""
    loss = build(name)
    if isinstance(loss, AdversarialLoss):
        yield "generator_loss", loss.generator_loss
        yield "real_loss", loss.real_loss
        yield "fake_loss", loss.fake_loss
    elif name in OF_A_CODE:
        yield "code", loss
    elif name in OF_A_NETWORK:
        yield "weights", lambda weight: loss(OneParameter(weight))
    elif name in PENALTIES:
        real = torch.ones(2, 3, 4, 4)
        yield (
            "penalty",
            lambda scale: loss(lambda images: critic(images * scale), real.to(scale), 0 * real.to(scale)),
        )
    else:
        yield "distance", lambda image: loss(image, torch.zeros_like(image))


def critic(images: Tensor) -> Tensor:
    """Scores whose gradient differs from image to image and from pixel to pixel."""
    return (images**3 + 3 * images).mean(dim=(1, 2, 3))


class OneParameter(nn.Module):
    """A network with a single parameter."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = weight

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        yield self.weight


def example() -> Tensor:
    return torch.linspace(-0.9, 0.8, 2 * 3 * 4 * 4).reshape(2, 3, 4, 4).requires_grad_()


@pytest.mark.parametrize("name", PLAIN)
def test_is_one_finite_number_with_a_finite_gradient(name: str) -> None:
    torch.manual_seed(0)
    for label, function in functions_of(name):
        value = function(argument := example())
        assert value.shape == () and value.isfinite(), label
        (gradient,) = torch.autograd.grad(value, argument)
        assert gradient.isfinite().all() and gradient.abs().sum() > 0, label


@pytest.mark.parametrize("name", PLAIN)
def test_the_gradient_is_the_slope(name: str) -> None:
    for label, function in functions_of(name):

        def seeded(argument: Tensor, function: Callable[[Tensor], Tensor] = function) -> Tensor:
            torch.manual_seed(3)
            return function(argument)

        assert torch.autograd.gradcheck(seeded, example().double().detach().requires_grad_()), label


@pytest.mark.parametrize("name", [name for name in PLAIN if "distance" in dict(functions_of(name))])
def test_a_distance_is_smallest_at_the_target_and_grows(name: str) -> None:
    loss, image = build(name), example()
    assert loss(image, image) < loss(image + 0.1, image) < loss(image + 0.2, image)


@pytest.mark.parametrize("name", [name for name in PLAIN if "generator_loss" in dict(functions_of(name))])
def test_an_adversarial_loss_moves_scores_the_right_way(name: str) -> None:
    loss = registry.find("losses", name)()
    for function, direction in ((loss.generator_loss, 1), (loss.real_loss, 1), (loss.fake_loss, -1)):
        scores = torch.full((5,), 0.5, requires_grad=True)
        (gradient,) = torch.autograd.grad(function(scores), scores)
        assert (gradient * direction < 0).all(), function


@pytest.mark.parametrize("name", NAMES)
def test_has_no_trainable_weights(name: str) -> None:
    assert not [p for p in build(name).parameters() if p.requires_grad]


@pytest.mark.parametrize("name", NAMES)
def test_names_its_source(name: str) -> None:
    module = __import__(f"s2f_cli.training.losses.{name}", fromlist=["__doc__"])
    docstrings = f"{module.__doc__} {registry.find('losses', name).__doc__}"
    assert re.search(r"[Rr]eport [A-E]\b|\b(19|20)\d\d\b", docstrings)
