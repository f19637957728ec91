from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.errors import ImageError
from s2f_cli.data.sources.demo import astronaut
from s2f_cli.faces import align as aligning
from s2f_cli.faces.align import AlignmentRecords, AlignSettings, align
from s2f_cli.faces.geometry import Face, Transform, paste_back

PHOTO = Image.new("RGB", (200, 100), "gray")


def face(left: float, right: float, confidence: float) -> Face:
    eyes = (left, 50.0), (right, 50.0)
    return Face((left - 10, 20, right + 10, 80), confidence, *eyes, *eyes)


@pytest.fixture
def two_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small face of high confidence on the left, and a large one of low confidence on the right."""

    class Aligner:
        def find(self, image: Image.Image) -> list[Face]:
            return [face(20, 50, 2.0), face(100, 180, 0.5)]

    monkeypatch.setattr(aligning, "_aligner", lambda name: Aligner())


@pytest.mark.parametrize(("choice", "lefts"), [("largest", [100]), ("best", [20]), ("all", [20, 100])])
def test_faces_are_chosen_by_size_or_confidence(
    two_faces: None, choice: aligning.FaceChoice, lefts: list[float]
) -> None:
    faces = align(PHOTO, AlignSettings(faces=choice))
    assert [face.face.left_corner[0] for face in faces] == lefts
    assert all(face.image.size == (128, 128) for face in faces)


def test_faces_with_close_eyes_are_left_out(two_faces: None) -> None:
    (largest,) = align(PHOTO, AlignSettings(faces="all", min_eyes=40))
    assert largest.face.left_corner[0] == 100
    with pytest.raises(ImageError, match="only 80 pixels apart"):
        align(PHOTO, AlignSettings(min_eyes=90))


def test_manual_eyes_need_no_detection_and_no_minimum_distance() -> None:
    (aligned,) = align(PHOTO, AlignSettings(preset="cufs"), eyes=((90, 50), (95, 50)))
    assert aligned.face.confidence is None
    assert aligned.transform((90, 50)) == pytest.approx((74.6, 127.7))


def test_a_face_can_be_put_back_from_its_record() -> None:
    pytest.importorskip("dlib")
    photo = astronaut()
    (aligned,) = align(photo, AlignSettings(preset="ffhq"))
    record = aligned.record()
    there = Transform(tuple(record["matrix"]), record["width"], record["height"])
    back = paste_back(aligned.image, photo, there)
    difference = [abs(a - b) for a, b in zip(back.tobytes(), photo.tobytes(), strict=True)]
    assert sum(difference) / len(difference) < 2
    assert paste_back(Image.new("RGB", (512, 512), "red"), photo, there).getpixel((128, 90)) == (255, 0, 0)


def test_records_keep_the_latest_line_and_survive_a_truncated_one(tmp_path: Path) -> None:
    records = AlignmentRecords(tmp_path)
    for name, value in [("b", 1), ("a", 1), ("b", 2)]:
        records.add({"file": name, "value": value})
    with (tmp_path / "alignment.jsonl").open("a") as lines:
        lines.write('{"file": "c", "val')
    records.finish()
    assert records.sample(9) == [{"file": "a", "value": 1}, {"file": "b", "value": 2}]
    assert records.sample(1) == [{"file": "a", "value": 1}]
    assert len((tmp_path / "alignment.jsonl").read_text().splitlines()) == 2


def test_large_faces_keep_their_size_up_to_the_largest_width(two_faces: None) -> None:
    """The corners of the larger face are 80 pixels apart, 26 in a preset of 64 pixels."""
    assert align(PHOTO, AlignSettings(width=64))[0].image.width == 64
    kept, capped = (align(PHOTO, AlignSettings(width=64, max_width=width))[0] for width in (1024, 100))
    assert kept.transform.scale == pytest.approx(1, rel=0.01)
    assert capped.image.width == 100
