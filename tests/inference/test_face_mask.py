import numpy as np
import pytest
from PIL import Image

from s2f_cli.data.sources.demo import astronaut
from s2f_cli.faces.align import AlignedFace, AlignSettings, align
from s2f_cli.inference.face_mask import face_mask


@pytest.fixture(scope="module")
def face() -> AlignedFace:
    return align(astronaut(), AlignSettings(preset="ffhq"))[0]


def levels(face: AlignedFace, image) -> np.ndarray:
    return np.asarray(face_mask(image, face.face, face.transform)) / 255


def test_the_head_is_opaque_and_the_backdrop_is_not(face: AlignedFace) -> None:
    mask = levels(face, face.image)
    assert mask.shape == (256, 256)
    assert mask[110:200, 100:156].min() == 1, "eyes to mouth"
    assert mask[80, 40] > 0.9, "hair"
    assert mask[:, :4].max() == mask[:, -4:].max() == mask[-4:].max() == 0
    assert mask[40, 10] < 0.1 and mask[60, 250] < 0.1, "backdrop"


def test_where_no_person_is_found_the_face_alone_is_opaque(face: AlignedFace) -> None:
    mask = levels(face, Image.new("RGB", (256, 256), "gray"))
    assert mask[110:190, 105:150].min() == 1
    assert mask[80, 40] == 0


def test_the_mask_has_the_size_of_the_image(face: AlignedFace) -> None:
    mask = levels(face, face.image.resize((128, 128)))
    assert mask.shape == (128, 128) and mask[60, 64] == 1
