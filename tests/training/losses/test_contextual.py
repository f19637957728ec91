import math

import pytest
import torch
from torch import Tensor

from s2f_cli.training.losses.contextual import Contextual


class Pixels(torch.nn.Module):
    """A backbone whose only map is the image."""

    layers = ("image",)

    def forward(self, image: Tensor) -> list[Tensor]:
        return [image]


def of_pixels(**options: float) -> Contextual:
    loss = Contextual("random", **options)
    loss.backbone = Pixels()
    return loss


def by_hand(x: Tensor, y: Tensor, bandwidth: float, position: float) -> float:
    """Equations 2 to 5 for one image, position by position."""
    size = x.shape[1:]
    places = [((i + 0.5) / size[0], (j + 0.5) / size[1]) for i in range(size[0]) for j in range(size[1])]
    mean = y.flatten(1).mean(1)
    xs, ys = ([(v - mean).double() for v in m.flatten(1).T] for m in (x, y))
    best = [0.0] * len(ys)
    for a, here in zip(xs, places, strict=True):
        distances = [
            1 - float(a @ b / a.norm() / b.norm()) + position * math.dist(here, there)
            for b, there in zip(ys, places, strict=True)
        ]
        similarities = [math.exp((1 - d / (min(distances) + 1e-5)) / bandwidth) for d in distances]
        best = [max(old, s / sum(similarities)) for old, s in zip(best, similarities, strict=True)]
    return -math.log(sum(best) / len(best))


@pytest.mark.parametrize("position", [0.0, 0.3])
def test_by_hand(position: float) -> None:
    torch.manual_seed(0)
    x, y = torch.randn(2, 2, 3, 4, 5)
    expected = sum(by_hand(a, b, 0.5, position) for a, b in zip(x, y, strict=True)) / 2
    assert of_pixels(position=position)(x, y).item() == pytest.approx(expected, rel=1e-3)


def test_ignores_where_things_are_unless_weighted() -> None:
    torch.manual_seed(0)
    image = torch.randn(1, 3, 4, 4)
    shuffled = image.flatten(2)[:, :, torch.randperm(16)].view(image.shape)
    assert of_pixels()(shuffled, image).item() == pytest.approx(of_pixels()(image, image).item(), abs=1e-5)
    near = of_pixels(position=1.0)
    assert near(shuffled, image) > near(image, image) + 0.1


def test_moves_the_prediction_only() -> None:
    torch.manual_seed(0)
    prediction, target = (torch.rand(2, 1, 3, 40, 40) * 2 - 1).requires_grad_()
    prediction.retain_grad()
    target.retain_grad()
    with torch.autocast("cpu", torch.bfloat16):
        value = Contextual("random", layers=["stage1"])(prediction, target)
    value.backward()
    assert value.dtype == torch.float32 and target.grad is None and prediction.grad is not None
    assert prediction.grad.isfinite().all() and prediction.grad.abs().sum() > 0


def test_refuses_large_maps_and_impossible_options() -> None:
    images = torch.zeros(1, 3, 160, 160)
    with pytest.raises(ValueError, match="stem has 5929 positions; take layers of up to 4096"):
        Contextual("random", layers=["stem"])(images, images)
    with pytest.raises(ValueError, match="bandwidth is above 0"):
        Contextual("random", bandwidth=0)
