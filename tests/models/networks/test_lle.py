import pytest
import torch
from torch import Tensor

from s2f_cli.models.networks.lle import LLE


def random_images(count: int, channels: int, seed: int = 0, side: int = 20) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    levels = torch.randint(256, (count, channels, side, side), generator=generator)
    return levels / 127.5 - 1


def test_is_gray_without_stored_pairs() -> None:
    assert torch.equal(LLE(out_channels=1)(random_images(2, 3)), torch.zeros(2, 1, 20, 20))


def test_a_stored_source_returns_its_target() -> None:
    faces, sketches = random_images(4, 3), random_images(4, 1, seed=1)
    model = LLE(out_channels=1, patch=8, stride=4, neighbours=1, search=0)
    model.fit(faces, sketches)
    torch.testing.assert_close(model(faces[1:3]), sketches[1:3], rtol=0, atol=1e-5)


def test_weights_of_sources_apply_to_targets() -> None:
    """A quarter of the way between two sources is a quarter of the way between their targets."""
    faces = torch.stack([torch.full((1, 4, 4), -1.0), torch.full((1, 4, 4), 1.0)])
    sketches = torch.stack([torch.full((1, 4, 4), 0.2), torch.full((1, 4, 4), -0.6)])
    model = LLE(out_channels=1, patch=4, stride=4, neighbours=2, search=0)
    model.fit(faces, sketches)
    result = model(torch.full((1, 1, 4, 4), -0.5))
    torch.testing.assert_close(result, torch.zeros(1, 1, 4, 4), rtol=0, atol=0.01)


@pytest.mark.parametrize("side", [7, 8, 20, 31])
def test_patches_cover_the_whole_image(side: int) -> None:
    faces, sketches = random_images(2, 3, side=side), random_images(2, 1, seed=1, side=side)
    model = LLE(out_channels=1, patch=7, stride=3, neighbours=1, search=0)
    model.fit(faces, sketches)
    torch.testing.assert_close(model(faces), sketches, rtol=0, atol=1e-5)


def test_a_loaded_state_gives_the_same_results() -> None:
    model, other = LLE(patch=8, search=2), LLE(patch=8, search=2)
    model.fit(random_images(3, 1), random_images(3, 3, seed=1))
    other.load_state_dict(model.state_dict())
    assert other.size == 20
    assert torch.equal(other(random_images(1, 1, seed=2)), model(random_images(1, 1, seed=2)))


@pytest.mark.parametrize("options", [{"stride": 0}, {"stride": 14}, {"neighbours": 0}, {"search": -1}])
def test_refuses_invalid_options(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="stride must be"):
        LLE(**options)
