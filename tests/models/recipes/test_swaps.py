"""Parts replaced by `--set`, at real sizes: valid combinations pass, others are refused in one line."""

from itertools import product

import pytest

from s2f_cli.core.errors import RecipeError
from s2f_cli.models import recipes
from s2f_cli.training import validate

CRITICS = ("networks.face_critic", "networks.sketch_critic")
GENERATORS = ("networks.to_face", "networks.to_sketch")


def each(roles: tuple[str, ...], *settings: str) -> list[str]:
    return [f"{role}.{setting}" for role, setting in product(roles, settings)]


PATCHES = each(CRITICS, "part=patch_critic")
RESNETS = each(GENERATORS, "part=resnet")
WGAN_GP = [
    "objective.adversarial.part=wasserstein",
    "objective.penalty.part=gradient_penalty",
    "weights.penalty=10",
]

VALID = {
    "a ResNet in report B's cycle": ("cyclegan-unet", RESNETS),
    "one generator only": ("cyclegan-unet", ["networks.to_face.part=resnet"]),
    "no groups": ("cyclegan-unet", each(GENERATORS, "bottleneck_groups=1")),
    "an SE U-Net in report B's cycle": (
        "cyclegan-unet",
        each(GENERATORS, "part=pix2pix_unet", "levels=7", "squeeze=16"),
    ),
    "a U-Net in the original cycle": ("cyclegan", each(GENERATORS, "part=unet")),
    "a U-Net in report B's ResNet cycle": ("cyclegan-resnet", each(GENERATORS, "part=unet")),
    "no squeeze": ("cyclegan-se-unet", each(GENERATORS, "squeeze=0")),
    "a ResNet in pix2pix": ("pix2pix", RESNETS),
    "squeeze in pix2pix": ("pix2pix", each(GENERATORS, "squeeze=16")),
    "least squares in pix2pix": ("pix2pix", ["objective.adversarial.part=lsgan"]),
    "WGAN-GP in pix2pix": ("pix2pix", WGAN_GP),
    "VGG's features in pix2pix": ("pix2pix", ["objective.distance.part=perceptual"]),
    "face features and identity in pix2pix": (
        "pix2pix",
        [
            "objective.perceptual.part=perceptual",
            "objective.perceptual.backbone=dlib_face",
            'objective.perceptual.layers=["stem", "stage2"]',
            "objective.perceptual.shift=1",
            "weights.perceptual=1",
            "objective.identity.part=identity",
            "weights.identity=1",
        ],
    ),
    "EMA and DiffAugment": (
        "pix2pix",
        ["players.generators.ema_decay=0.999", *each(CRITICS, "augment.part=diff_augment")],
    ),
    "PatchGAN in report A's VAE": ("vae-wgan", PATCHES),
    "PatchGAN in report A's cycle": ("cyclegan-vae", PATCHES),
    "PatchGAN in both stages": ("cyclegan-vae-latent", PATCHES),
    "PatchGAN for images from noise": ("wgan", PATCHES),
    "L2 reconstruction": ("vae-wgan", ["objective.distance.part=mse"]),
    "least squares in report A": ("vae-wgan", ["objective.adversarial.part=lsgan"]),
    "R1 in report A": ("wgan", ["objective.penalty.part=r1"]),
    "absolute error in report D": ("conv-ae", ["objective.distance.part=l1"]),
}


@pytest.mark.parametrize("swap", VALID)
def test_a_valid_swap_passes(swap: str) -> None:
    name, overrides = VALID[swap]
    validate.check(recipes.read(name, overrides))


REFUSED = {
    "a size that does not divide": (
        "cyclegan-unet",
        ["networks.to_face.part=pix2pix_unet"],
        "image.size 128 is not a multiple of 256, which to_face (pix2pix_unet) needs",
    ),
    "a critic of whole images": (
        "cyclegan",
        ["networks.face_critic.part=image_critic"],
        "image.size is 256, but face_critic (image_critic) is built for 64",
    ),
    "CUT without feature maps": (
        "cut",
        ["networks.to_face.part=unet"],
        "to_face gives no access to the feature maps that cut compares",
    ),
    "identity with different channels": (
        "cyclegan-unet",
        ["objective.identity.part=l1", "weights.identity=5"],
        "identity needs sketches and faces with the same number of channels",
    ),
    "a penalty without a weight": ("pix2pix", WGAN_GP[:2], "the term 'penalty' has no weight"),
    "a distance as an adversarial loss": (
        "cyclegan",
        ["objective.adversarial.part=l1"],
        "objective.adversarial is 'l1', which is not an adversarial loss",
    ),
    "an adversarial loss as a distance": (
        "cyclegan",
        ["objective.cycle.part=lsgan"],
        "objective.cycle is 'lsgan', which is an adversarial loss",
    ),
    "a conditional critic in a cycle": (
        "pix2pix",
        ["objective.part=cycle_gan"],
        "face_critic, given 3×256×256: ",
    ),
    "noise for a translator": (
        "wgan",
        ["networks.face_generator.part=resnet"],
        "face_generator does not generate images from noise",
    ),
    **{
        f"{name} with unpaired data": (
            name,
            ["data.pairing=unpaired"],
            "data.pairing is unpaired, but the objective needs the ground truth of translations",
        )
        for name in ("pix2pix", "conv-ae", "lle", "cyclegan-se-unet")
    },
}


@pytest.mark.parametrize("swap", REFUSED)
def test_an_invalid_swap_is_refused_with_the_reason(swap: str) -> None:
    name, overrides, reason = REFUSED[swap]
    with pytest.raises(RecipeError) as raised:
        validate.check(recipes.read(name, overrides))
    assert reason in raised.value.message
    assert raised.value.hint and "\n" not in raised.value.message + raised.value.hint
