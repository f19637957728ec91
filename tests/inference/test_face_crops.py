import numpy as np
import pytest
from PIL import Image

from s2f_cli.core.errors import ImageError
from s2f_cli.data.sources._drawn_face import draw
from s2f_cli.data.sources._looks import looks
from s2f_cli.faces.align import AlignSettings
from s2f_cli.inference.face_crops import crop_faces

GROUP = Image.new("RGB", (640, 300), "gray")
for number in (0, 1):
    GROUP.paste(draw(looks(0, number)), (20 + 330 * number, 20))


def test_a_photo_as_it_is() -> None:
    assert crop_faces(GROUP, None).pictures == [GROUP]


def test_without_a_face_the_way_out_is_told() -> None:
    with pytest.raises(ImageError, match="no face") as told:
        crop_faces(Image.new("L", (90, 90)), AlignSettings())
    assert "--align none" in told.value.hint


@pytest.mark.parametrize(("faces", "count"), [("largest", 1), ("best", 1), ("all", 2)])
def test_only_the_faces_change(faces: str, count: int) -> None:
    found = crop_faces(GROUP, AlignSettings(faces=faces))
    assert len(found.pictures) == count
    same = np.asarray(found.put_back(found.pictures), int)
    before = np.asarray(GROUP, int)
    assert same.shape == before.shape
    assert np.abs(same - before).mean() < 2
    red = np.asarray(found.put_back([Image.new("RGB", (64, 64), "red")] * count), int)
    changed = (np.abs(red - before).max(axis=2) > 60).any(axis=0)
    assert bool(changed[:320].any()) + bool(changed[320:].any()) == count
    for face in found.faces:
        x, y = (round(value) for value in face.face.left_eye)
        assert red[y, x].tolist() == [255, 0, 0]
    assert (red[:4] == before[:4]).all() or count == 2


def test_as_needed_an_aligned_face_and_a_picture_without_one_stay() -> None:
    nobody, settings = Image.new("L", (90, 90)), AlignSettings(preset="cufs", width=200)
    assert crop_faces(nobody, settings, as_needed=True).pictures == [nobody]
    whole = crop_faces(GROUP, settings, as_needed=True)
    assert whole.pictures[0].size == (200, 250)
    again = crop_faces(whole.pictures[0], settings, as_needed=True)
    assert not again.faces and again.pictures == [whole.pictures[0]]
    assert crop_faces(whole.pictures[0], settings).faces
