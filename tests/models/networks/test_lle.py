import pytest
import torch
from torch import Tensor

from s2f_cli.models.networks.lle import LLE


def pictures(count: int, channels: int, seed: int = 0, side: int = 20) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    levels = torch.randint(256, (count, channels, side, side), generator=generator)
    return levels / 127.5 - 1


def test_is_gray_before_the_first_pair() -> None:
    assert torch.equal(LLE(out_channels=1)(pictures(2, 3)), torch.zeros(2, 1, 20, 20))


def test_a_remembered_image_gives_back_its_pair() -> None:
    faces, sketches = pictures(4, 3), pictures(4, 1, seed=1)
    model = LLE(out_channels=1, patch=8, stride=4, neighbours=1, search=0)
    model.fit(faces, sketches)
    torch.testing.assert_close(model(faces[1:3]), sketches[1:3], rtol=0, atol=1e-5)


def test_weights_carry_over_by_hand() -> None:
    """A quarter of the way between two sources is a quarter of the way between their targets."""
    faces = torch.stack([torch.full((1, 4, 4), -1.0), torch.full((1, 4, 4), 1.0)])
    sketches = torch.stack([torch.full((1, 4, 4), 0.2), torch.full((1, 4, 4), -0.6)])
    model = LLE(out_channels=1, patch=4, stride=4, neighbours=2, search=0)
    model.fit(faces, sketches)
    made = model(torch.full((1, 1, 4, 4), -0.5))
    torch.testing.assert_close(made, torch.zeros(1, 1, 4, 4), rtol=0, atol=0.01)


def test_patches_cover_the_whole_image() -> None:
    model = LLE(patch=7, stride=3)
    for length in (7, 8, 20, 31):
        places = model._places(length)
        assert {x for place in places for x in range(place, place + 7)} == set(range(length))


def test_comes_back_from_its_state() -> None:
    model, other = LLE(patch=8, search=2), LLE(patch=8, search=2)
    model.fit(pictures(3, 1), pictures(3, 3, seed=1))
    other.load_state_dict(model.state_dict())
    assert other.size == 20
    assert torch.equal(other(pictures(1, 1, seed=2)), model(pictures(1, 1, seed=2)))


@pytest.mark.parametrize("options", [{"stride": 0}, {"stride": 14}, {"neighbours": 0}, {"search": -1}])
def test_refuses_what_does_not_fit(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="stride must be"):
        LLE(**options)
