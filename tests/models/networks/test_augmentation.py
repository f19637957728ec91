import pytest
import torch
from torch import Tensor

from s2f_cli.models.networks._augmentation import color, cutout, translation
from s2f_cli.models.networks.ada import ADA
from s2f_cli.models.networks.diff_augment import DiffAugment


def random_images(count: int = 4) -> Tensor:
    return torch.rand(count, 3, 16, 24, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_color_is_one_affine_map_for_all_pixels_of_an_image() -> None:
    """Brightness, saturation and contrast are affine maps that keep gray pixels gray."""
    torch.manual_seed(0)
    gray = random_images()[:, :1].expand(-1, 3, -1, -1)
    changed = color(gray)
    torch.testing.assert_close(changed[:, :1].expand(-1, 3, -1, -1), changed)
    slope = (changed - changed.mean(dim=(1, 2, 3), keepdim=True)) / (
        gray - gray.mean(dim=(1, 2, 3), keepdim=True)
    )
    torch.testing.assert_close(slope, slope[:, :1, :1, :1].expand_as(slope), rtol=1e-3, atol=1e-3)
    assert slope.min() >= 0.5 and slope.max() <= 1.5


def test_translation_shifts_by_up_to_an_eighth() -> None:
    torch.manual_seed(0)
    images = random_images(200)
    moved = translation(images)
    shifts_of_images = set()
    for before, after in zip(images, moved, strict=True):
        shifts = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-3, 4)
            if torch.equal(after, shifted(before, down, right))
        ]
        assert len(shifts) == 1
        shifts_of_images.add(shifts[0])
    assert {down for down, _ in shifts_of_images} == set(range(-2, 3))
    assert {right for _, right in shifts_of_images} == set(range(-3, 4))


def shifted(image: Tensor, down: int, right: int) -> Tensor:
    """Row and column i of the result are those of i + shift, 0 beyond the border."""
    result = torch.zeros_like(image)
    height, width = image.shape[1:]
    rows = slice(max(-down, 0), min(height, height - down)), slice(max(down, 0), min(height, height + down))
    columns = (
        slice(max(-right, 0), min(width, width - right)),
        slice(max(right, 0), min(width, width + right)),
    )
    result[:, rows[0], columns[0]] = image[:, rows[1], columns[1]]
    return result


@pytest.mark.parametrize(("height", "width"), [(16, 24), (15, 21)])
def test_cutout_covers_half_of_the_height_and_width(height: int, width: int) -> None:
    """Published code: int(side · 0.5 + 0.5) pixels, fewer if the hole crosses the edge."""
    torch.manual_seed(0)
    covered = (cutout(torch.ones(200, 3, height, width)) == 0)[:, 0]
    for hole in covered:
        rows, columns = hole.any(1), hole.any(0)
        assert torch.equal(hole, rows[:, None] & columns[None])
    assert covered.any(2).sum(1).max() == (height + 1) // 2
    assert covered.any(1).sum(1).max() == (width + 1) // 2
    assert covered.any(2).sum(1).min() >= height // 4


@pytest.mark.parametrize("network", [DiffAugment(), ADA()])
def test_does_nothing_in_evaluation_mode(network: torch.nn.Module) -> None:
    images = random_images()
    assert torch.equal(network.eval()(images), images)


def test_gradients_pass_through() -> None:
    torch.manual_seed(0)
    images = random_images().requires_grad_()
    DiffAugment()(images).square().sum().backward()
    assert images.grad is not None and images.grad.abs().sum() > 0


def test_ada_applies_each_augmentation_with_its_current_probability() -> None:
    torch.manual_seed(0)
    network, images = ADA(), random_images(64)
    assert torch.equal(network(images), images)
    network.chance.fill_(0.5)
    changed = (ADA(policy=["cutout"])(images) != images).flatten(1).any(1)
    assert not changed.any()
    half = ADA(policy=["color"])
    half.chance.fill_(0.5)
    changed = (half(images) != images).flatten(1).any(1)
    assert 16 < changed.sum() < 48


def test_ada_follows_the_sign_of_the_scores() -> None:
    network = ADA(images=100)
    for _ in range(20):
        network.observe(torch.ones(10, 1, 2, 2))
    assert network.chance.item() == 1.0
    for _ in range(3):
        network.observe(-torch.ones(10, 1, 2, 2))
    assert network.chance.item() == pytest.approx(0.7)


@pytest.mark.parametrize("network", [DiffAugment, ADA])
def test_refuses_an_unknown_policy(network: type) -> None:
    with pytest.raises(
        ValueError, match="no policy 'colour'; did you mean 'color'\\? known: color, translation, cutout"
    ):
        network(policy=["colour"])
