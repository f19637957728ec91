import torch
from torch import Tensor

from s2f_cli.models.networks.image_pool import ImagePool


def numbered(*numbers: int) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float32)[:, None, None, None].expand(-1, 3, 2, 2).clone()


def numbers(images: Tensor) -> list[int]:
    return [int(image.unique()) for image in images]


def test_returns_images_unchanged_until_it_is_full() -> None:
    pool = ImagePool(capacity=4)
    assert numbers(pool(numbered(1, 2, 3))) == [1, 2, 3]
    assert numbers(pool.images) == [1, 2, 3, 0]
    assert int(pool.count) == 3


def test_replaces_about_half_of_the_images_by_earlier_ones() -> None:
    torch.manual_seed(0)
    pool = ImagePool(capacity=5)
    pool(numbered(*range(5)))
    returned = [numbers(pool(numbered(number)))[0] for number in range(5, 2005)]
    assert 900 < sum(old != new for new, old in enumerate(returned, start=5)) < 1100
    assert sorted(returned + numbers(pool.images)) == list(range(2005))


def test_detaches_images_from_the_graph() -> None:
    pool = ImagePool(capacity=2)
    assert not pool(numbered(1).requires_grad_()).requires_grad


def test_a_restored_pool_continues_with_its_images() -> None:
    pool, other = ImagePool(capacity=3), ImagePool(capacity=3)
    pool(numbered(1, 2, 3))
    other.load_state_dict(pool.state_dict())
    for number in range(4, 20):
        torch.manual_seed(number)
        first = pool(numbered(number))
        torch.manual_seed(number)
        assert torch.equal(first, other(numbered(number)))
