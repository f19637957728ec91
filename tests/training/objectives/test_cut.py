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


def run_step(nets: Networks, seed: int = 0, **options: object) -> dict[str, dict[str, float]]:
    torch.manual_seed(1)
    images = torch.rand(2, 2, 3, 16, 16) * 2 - 1
    torch.manual_seed(seed)
    moves = cut(nets, Batch(*images), patches=16, **options)
    return {
        player: {term: loss.item() for term, loss in terms.items()}
        for move in moves
        for player, terms in move.items()
    }


def test_terms_of_each_player() -> None:
    nets = networks("face", "sketch")
    assert {player: set(terms) for player, terms in run_step(nets).items()} == {
        "critics": {"real", "fake"},
        "generators": {"adversarial", "contrast", "identity_contrast"},
    }
    assert set(run_step(nets, identity=False)["generators"]) == {"adversarial", "contrast"}


def test_directions_are_summed() -> None:
    both, face = networks("face", "sketch"), networks("face")
    face.load_state_dict(
        {name: tensor for name, tensor in both.state_dict().items() if "face" in name.split(".")[0]}
    )
    assert 0 < run_step(face)["critics"]["real"] < run_step(both)["critics"]["real"]


def test_an_unchanged_image_has_the_smallest_contrast() -> None:
    """Each patch is most similar to itself, unlike in another image."""
    nets = networks("face")

    class Identity(ResNet):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return image

    unchanged = Identity(features=2, blocks=2)
    unchanged.load_state_dict(nets["to_face"].state_dict())
    contrast = run_step(nets)["generators"]["contrast"]
    nets["to_face"] = unchanged
    assert run_step(nets)["generators"]["contrast"] < contrast


def test_flips_are_undone_in_the_features() -> None:
    """With a generator that changes nothing, the contrast does not depend on the flip."""
    nets = networks("face")

    class Identity(ResNet):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return image

        def features(self, image: torch.Tensor) -> list[torch.Tensor]:
            return [image, *[image.mean(1, keepdim=True).expand(-1, c, -1, -1) for c in (4, 8, 8, 8)]]

    nets["to_face"] = Identity(features=2, blocks=2)
    values = {round(run_step(nets, seed=seed, flip=True)["generators"]["contrast"], 1) for seed in range(6)}
    critics = {round(run_step(nets, seed=seed, flip=True)["critics"]["fake"], 6) for seed in range(6)}
    assert len(critics) == 2
    assert max(values) < run_step(networks("face"))["generators"]["contrast"]
