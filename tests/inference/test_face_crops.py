import numpy as np
import pytest
from PIL import Image

from s2f_cli.core.errors import ImageError
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.faces.align import AlignSettings
from s2f_cli.inference.face_crops import crop_faces

GROUP = Image.new("RGB", (640, 300), "gray")
for number in (0, 1):
    GROUP.paste(draw(looks(0, number)), (20 + 330 * number, 20))


def test_without_settings_the_photo_is_kept() -> None:
    assert crop_faces(GROUP, None).images == [GROUP]


def test_a_photo_without_a_face_is_an_error_with_a_hint() -> None:
    with pytest.raises(ImageError, match="no face") as raised:
        crop_faces(Image.new("L", (90, 90)), AlignSettings())
    assert "--align none" in raised.value.hint


@pytest.mark.parametrize(("faces", "count"), [("largest", 1), ("best", 1), ("all", 2)])
def test_pasting_back_changes_only_the_faces(faces: str, count: int) -> None:
    crops = crop_faces(GROUP, AlignSettings(faces=faces))
    assert len(crops.images) == count
    same = np.asarray(crops.paste_back(crops.images), int)
    before = np.asarray(GROUP, int)
    assert same.shape == before.shape
    assert np.abs(same - before).mean() < 2
    red = np.asarray(crops.paste_back([Image.new("RGB", (64, 64), "red")] * count), int)
    changed = (np.abs(red - before).max(axis=2) > 60).any(axis=0)
    assert bool(changed[:320].any()) + bool(changed[320:].any()) == count
    for face in crops.faces:
        x, y = (round(value) for value in face.face.left_eye)
        assert red[y, x].tolist() == [255, 0, 0]
    assert (red[:4] == before[:4]).all() or count == 2


def test_optional_keeps_photos_without_a_face_and_aligned_faces() -> None:
    blank, settings = Image.new("L", (90, 90)), AlignSettings(preset="cufs", width=200)
    assert crop_faces(blank, settings, optional=True).images == [blank]
    crops = crop_faces(GROUP, settings, optional=True)
    assert crops.images[0].size == (200, 250)
    recropped = crop_faces(crops.images[0], settings, optional=True)
    assert not recropped.faces and recropped.images == [crops.images[0]]
    assert crop_faces(crops.images[0], settings).faces
