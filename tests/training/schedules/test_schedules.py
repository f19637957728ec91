import re
from itertools import pairwise

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, MultiStepLR

from s2f_cli.core import registry

NAMES = registry.names("schedules")
STEPS = 40


def rates(scheduler: torch.optim.lr_scheduler.LRScheduler) -> list[float]:
    """The learning rate of PyTorch's scheduler in each step, starting at 1."""
    values = []
    for _ in range(STEPS):
        values.append(scheduler.get_last_lr()[0])
        scheduler.optimizer.step()
        scheduler.step()
    return values


def optimizer() -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def ours(name: str, **options: object) -> list[float]:
    schedule = registry.find("schedules", name)(**options)
    return [schedule(step / STEPS) for step in range(STEPS)]


def test_constant_is_always_1() -> None:
    assert ours("constant") == [1.0] * STEPS


def test_linear_decay_matches_cyclegan() -> None:
    reference = LambdaLR(optimizer(), lambda step: 1 - max(0, step - STEPS / 2) / (STEPS / 2))
    assert ours("linear_decay", start=0.5) == pytest.approx(rates(reference))


def test_multistep_matches_pytorch() -> None:
    reference = MultiStepLR(optimizer(), milestones=[10, 30], gamma=0.2)
    assert ours("multistep", milestones=[0.25, 0.75], factor=0.2) == pytest.approx(rates(reference))


def test_cosine_matches_pytorch() -> None:
    reference = CosineAnnealingLR(optimizer(), T_max=STEPS, eta_min=0.1)
    assert ours("cosine", floor=0.1) == pytest.approx(rates(reference))


@pytest.mark.parametrize("name", NAMES)
def test_starts_at_one_and_never_rises(name: str) -> None:
    factors = ours(name)
    assert factors[0] == 1.0
    assert all(0 <= after <= before for before, after in pairwise(factors))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("linear_decay", {"start": 1.0}),
        ("multistep", {"milestones": [30]}),
        ("multistep", {"factor": 2}),
        ("cosine", {"floor": -0.1}),
    ],
)
def test_refuses_numbers_outside_0_to_1(name: str, options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(options)).rstrip("s")):
        registry.find("schedules", name)(**options)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "constant"])
def test_names_its_source(name: str) -> None:
    module = __import__(f"s2f_cli.training.schedules.{name}", fromlist=["__doc__"])
    assert re.search(r"[Rr]eport [A-E]\b|\b(19|20)\d\d\b", module.__doc__)
