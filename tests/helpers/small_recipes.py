"""The overrides that make each recipe small enough for a test: tiny images, few and narrow layers."""

from s2f_cli.models import recipes
from s2f_cli.models.recipes.schema import Recipe

GENERATORS = ("to_face", "to_sketch")
ENCODERS = ("face_encoder", "sketch_encoder")
DECODERS = ("face_decoder", "sketch_decoder")
CRITICS = ("face_critic", "sketch_critic")
PROJECTORS = ("face_projector", "sketch_projector")
LATENTS = ("sketch_to_face", "face_to_sketch")


def each(roles: tuple[str, ...], *options: str) -> list[str]:
    """The overrides that set options of several roles."""
    return [f"networks.{role}.{option}" for role in roles for option in options]


def _decoders(face: str, sketch: str) -> list[str]:
    return [
        *each((face,), "size=16", "widths=[8, 8, 4]", "latent=4"),
        *each((sketch,), "size=8", "widths=[8, 4]", "latent=4"),
    ]


_IMAGES = ["image.size=16", "batch_size=2"]
_PATCH_CRITICS = each(CRITICS, "features=4", "layers=1")
_UNETS = each(GENERATORS, "features=4", "levels=2", "bottleneck_groups=2")
_PIX2PIX_UNETS = each(GENERATORS, "features=4", "levels=3")

_VAE_IMAGES = ["image.size.face=16", "image.size.sketch=8", "batch_size=2"]
_IMAGE_CRITICS = [
    *each(("face_critic",), "size=16", "widths=[4, 4, 8]"),
    *each(("sketch_critic",), "size=8", "widths=[4, 8]"),
]
_VAE_ENCODERS = [
    *each(("face_encoder",), "size=16", "widths=[4, 8, 8]", "latent=4"),
    *each(("sketch_encoder",), "size=8", "widths=[4, 8]", "latent=4"),
]
_VAE = [*_VAE_IMAGES, *_VAE_ENCODERS, *_decoders(*DECODERS), *_IMAGE_CRITICS]
_VAE_WITH_LATENT_LAYERS = [*_VAE, *each(LATENTS, "width=4", "layers=2")]
_NOISE_GAN = [*_VAE_IMAGES, *_decoders("face_generator", "sketch_generator"), *_IMAGE_CRITICS]

_CYCLE_GAN = [*_IMAGES, *each(GENERATORS, "features=2", "blocks=1"), *_PATCH_CRITICS]
_CUT = [
    *_IMAGES,
    *each(GENERATORS, "features=2", "blocks=2"),
    *each(PROJECTORS, "features=2", "width=4"),
    *_PATCH_CRITICS,
]

_SHIPPED = ["image.size=32", "batch_size=2", 'data.augment=["flip", "camera", "paper"]']
_LITE = ("weights=random", "widths=[8, 8, 8, 8, 8]", "blocks=[1, 1, 1, 1, 1]", "last=4", "code=4")

SMALL: dict[str, list[str]] = {
    "combogan": [*_IMAGES, *each(ENCODERS + DECODERS, "features=2", "blocks=1"), *_PATCH_CRITICS],
    "conv-ae": _IMAGES,
    "cut": _CUT,
    "cyclegan": _CYCLE_GAN,
    "cyclegan-resnet": _CYCLE_GAN,
    "cyclegan-se-unet": [*_IMAGES, *_PIX2PIX_UNETS, *_PATCH_CRITICS],
    "cyclegan-unet": [*_IMAGES, *_UNETS, *_PATCH_CRITICS],
    "cyclegan-vae": _VAE,
    "cyclegan-vae-latent": _VAE_WITH_LATENT_LAYERS,
    "cyclegan-vae-pretrained": _VAE_WITH_LATENT_LAYERS,
    "dcgan": _NOISE_GAN,
    "encoder-decoder": [*_IMAGES, *each(ENCODERS, "widths=[4, 8]"), *each(DECODERS, "widths=[8, 4]")],
    "face-to-sketch": [
        *_SHIPPED,
        *each(("to_sketch",), *_LITE),
        *each(("sketch_refiner",), "features=8", "blocks=1", "last=4", "code=4"),
        *each(("sketch_critic",), "features=4", "layers=1"),
        *(
            f"stages.{stage}.objective.{setting}"
            for stage in ("strokes", "finish")
            for setting in ("distance.scales=1", 'perceptual.layers=["stem"]')
        ),
        "stages.finish.objective.texture.sizes=[4]",
    ],
    "fastcut": _CUT,
    "lle": [*_IMAGES, *each(GENERATORS, "patch=8")],
    "my-style": [
        *_SHIPPED,
        *each(("to_sketch",), *_LITE),
        *each(("sketch_refiner",), "features=8", "blocks=1", "last=4", "code=4"),
        "objective.distance.scales=1",
        'objective.perceptual.layers=["stem"]',
    ],
    "pix2pix": [*_IMAGES, *_PIX2PIX_UNETS, *_PATCH_CRITICS],
    "pix2pix-small": [*_IMAGES, *_PIX2PIX_UNETS, *each(GENERATORS, "attention=2"), *_PATCH_CRITICS],
    "sketch-to-face": [
        *_SHIPPED,
        *each(("to_face",), *_LITE),
        *each(("face_critic",), "features=4", "layers=1"),
        "objective.distance.scales=1",
        "objective.perceptual.weights=random",
        'objective.perceptual.layers=["stage1"]',
        "stages.finish.objective.texture.sizes=[4]",
    ],
    "sparse-ae": [
        *_IMAGES,
        *each(ENCODERS, "size=16", "widths=[16, 8]"),
        *each(DECODERS, "size=16", "widths=[8, 16]"),
    ],
    "unet-pairs": [*_IMAGES, *_UNETS],
    "vae-wgan": _VAE,
    "vgg-ae": ["image.size=32", "batch_size=2", *each(ENCODERS, "weights=random")],
    "wgan": _NOISE_GAN,
}
"""The overrides by recipe. The tests of every recipe fail for a recipe without an entry."""


def small(name: str, steps: int, *overrides: str) -> Recipe:
    """Read a recipe with its small overrides and further ones, and with `steps` steps in each stage."""
    return recipes.read(name, [*SMALL[name], *overrides]).with_length(steps=steps)
