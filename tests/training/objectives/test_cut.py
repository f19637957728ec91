import torch

from s2f_cli.models.networks.patch_critic import PatchCritic
from s2f_cli.models.networks.patch_projector import PatchProjector
from s2f_cli.models.networks.resnet import ResNet
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch
from s2f_cli.training.objectives.cut import cut


def networks(*directions: str) -> Networks:
    torch.manual_seed(0)
    roles = {f"to_{to}": ResNet(features=2, blocks=2) for to in directions}
    roles |= {f"{to}_critic": PatchCritic(features=2, layers=1) for to in directions}
    roles |= {f"{to}_projector": PatchProjector(features=2, width=4) for to in directions}
    return Networks(roles, {to: [f"to_{to}"] for to in directions})  # type: ignore[misc]


def play(nets: Networks, seed: int = 0, **options: object) -> dict[str, dict[str, float]]:
    torch.manual_seed(1)
    images = torch.rand(2, 2, 3, 16, 16) * 2 - 1
    torch.manual_seed(seed)
    moves = cut(nets, Batch(*images), patches=16, **options)
    return {
        player: {term: loss.item() for term, loss in terms.items()}
        for move in moves
        for player, terms in move.items()
    }


def test_terms() -> None:
    nets = networks("face", "sketch")
    assert {player: set(terms) for player, terms in play(nets).items()} == {
        "critics": {"real", "fake"},
        "generators": {"adversarial", "contrast", "identity_contrast"},
    }
    assert set(play(nets, identity=False)["generators"]) == {"adversarial", "contrast"}


def test_directions_are_added() -> None:
    both, face = networks("face", "sketch"), networks("face")
    face.load_state_dict(
        {name: tensor for name, tensor in both.state_dict().items() if "face" in name.split(".")[0]}
    )
    assert 0 < play(face)["critics"]["real"] < play(both)["critics"]["real"]


def test_an_image_that_is_kept_has_the_least_contrast() -> None:
    """Its patches are nearest to themselves; those of another image are not."""
    nets = networks("face")

    class Same(ResNet):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return image

    kept = Same(features=2, blocks=2)
    kept.load_state_dict(nets["to_face"].state_dict())
    drawn = play(nets)["generators"]["contrast"]
    nets["to_face"] = kept
    assert play(nets)["generators"]["contrast"] < drawn


def test_flips_are_taken_back() -> None:
    """With a generator that keeps images, contrast does not depend on whether they were turned."""
    nets = networks("face")

    class Same(ResNet):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return image

        def features(self, image: torch.Tensor) -> list[torch.Tensor]:
            return [image, *[image.mean(1, keepdim=True).expand(-1, c, -1, -1) for c in (4, 8, 8, 8)]]

    nets["to_face"] = Same(features=2, blocks=2)
    values = {round(play(nets, seed=seed, flip=True)["generators"]["contrast"], 1) for seed in range(6)}
    critics = {round(play(nets, seed=seed, flip=True)["critics"]["fake"], 6) for seed in range(6)}
    assert len(critics) == 2
    assert max(values) < play(networks("face"))["generators"]["contrast"]
