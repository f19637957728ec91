import torch

from s2f_cli.models.networks.patch_projector import PatchProjector
from s2f_cli.models.networks.resnet import ResNet


def test_projects_the_maps_of_a_resnet() -> None:
    torch.manual_seed(0)
    generator = ResNet(features=4, blocks=6)
    maps = generator.features(torch.randn(2, 3, 16, 16))
    assert [tuple(image.shape[1:]) for image in maps] == [
        (3, 22, 22),
        (8, 8, 8),
        (16, 4, 4),
        (16, 4, 4),
        (16, 4, 4),
    ]
    positions = [torch.arange(7)] * 5
    vectors = PatchProjector(features=4, width=6)(maps, positions)
    assert all(vector.shape == (2, 7, 6) for vector in vectors)
    for vector in vectors:
        torch.testing.assert_close(vector.norm(dim=2), torch.ones(2, 7))


def test_fewer_than_five_blocks_give_the_last_one() -> None:
    torch.manual_seed(0)
    assert len(ResNet(features=2, blocks=2).features(torch.randn(1, 3, 8, 8))) == 5
    assert [image.shape[1] for image in ResNet(features=2, blocks=9).features(torch.randn(1, 3, 8, 8))] == [
        3,
        4,
        8,
        8,
        8,
    ]
