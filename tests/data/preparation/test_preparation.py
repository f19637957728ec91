"""Whole preparations: interrupted, resumed, on a full disk, with duplicates across the split."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.core.parallel import Stop
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.data.manifest import Manifest
from s2f_cli.data.preparation import PrepareSettings, prepare, render_item
from s2f_cli.data.sources.folders import Folders


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    for number in range(10):
        draw(looks(0, number)).resize((64, 64)).save(folder / f"{number}.png")
    return folder


def prepared(source: Folders, output: Path, settings: PrepareSettings | None = None) -> Manifest:
    return Manifest.read(prepare(source, output, settings, workers=1).folder)


class Interrupted(Exception):
    pass


def interrupted(source: Folders, output: Path, after: int, settings: PrepareSettings | None = None) -> None:
    """Prepare a data set, but raise Interrupted after this number of items."""

    def stop(done: int, total: int) -> None:
        if done == after:
            raise Interrupted

    with pytest.raises(Interrupted):
        prepare(source, output, settings, workers=1, on_progress=stop)


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_progress_is_reported_from_the_listing_to_the_end(faces: Path, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    summary = prepare(
        Folders(faces),
        tmp_path / "out",
        workers=1,
        on_progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [*((done, 10) for done in range(11)), (10, 10)]
    assert summary.folder == tmp_path / "out"
    assert sum(row["faces"] for row in summary.splits.values()) == 10
    assert summary.header == Manifest.read(summary.folder).header


def test_an_existing_data_set_is_replaced_only_on_request(faces: Path, tmp_path: Path) -> None:
    prepare(Folders(faces), tmp_path / "out", workers=1)
    with pytest.raises(DataError, match="already holds a data set"):
        prepare(Folders(faces), tmp_path / "out", workers=1)
    prepare(Folders(faces), tmp_path / "out", PrepareSettings(count=3), overwrite=True, workers=1)
    assert len(Manifest.read(tmp_path / "out").entries) == 3


def test_an_interrupted_preparation_resumes_with_the_same_result(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = prepared(Folders(faces), tmp_path / "whole")
    interrupted(Folders(faces), tmp_path / "resumed", after=4)
    rendered = []
    monkeypatch.setattr(
        render_item, "thumbnail", lambda image, real=render_item.thumbnail: rendered.append(1) or real(image)
    )
    assert prepared(Folders(faces), tmp_path / "resumed").digest() == whole.digest()
    assert len(rendered) == 6
    assert tree(tmp_path / "whole") == tree(tmp_path / "resumed")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["resumed", "whole"]


def test_a_file_that_changed_before_resuming_is_rendered_again(faces: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(faces, own)
    interrupted(Folders(own), tmp_path / "out", after=10)
    draw(looks(5, 5)).save(own / "0.png")
    (own / "1.png").unlink()
    manifest = prepared(Folders(own), tmp_path / "out")
    assert len(manifest.entries) == 9
    entry = next(e for e in manifest.entries if e.name == "0")
    assert manifest.path(entry, "face").read_bytes() == (own / "0.png").read_bytes()
    assert not list((tmp_path / "out").rglob("1.png"))


def test_an_item_that_changed_its_split_leaves_no_file_behind(tmp_path: Path) -> None:
    """A source that changed before resuming is split again."""
    own = tmp_path / "own"
    own.mkdir()
    for number in range(4):
        draw(looks(0, number)).resize((32, 32)).save(own / f"{number}.png")
    interrupted(Folders(own), tmp_path / "out", 4, PrepareSettings(test_share=0.5))
    for number in range(4, 12):
        draw(looks(0, number)).resize((32, 32)).save(own / f"{number}.png")
    manifest = prepared(Folders(own), tmp_path / "out", PrepareSettings(test_share=0.5))
    files = [file for file in tree(tmp_path / "out") if file.endswith(".png")]
    assert sorted(files) == sorted(entry.files["face"] for entry in manifest.entries)
    assert len(files) == 12


def styles_of(manifest: Manifest) -> dict[str, str]:
    return {entry.name: entry.attributes["style"] for entry in manifest.entries}


def test_each_face_is_drawn_by_one_of_several_sketchers(faces: Path, tmp_path: Path) -> None:
    settings = PrepareSettings(sketcher="xdog,report_b", val_share=0.3)
    interrupted(Folders(faces), tmp_path / "one", 4, settings)
    one, two = (prepared(Folders(faces), tmp_path / name, settings) for name in ("one", "two"))
    assert one.digest() == two.digest() and styles_of(one) == styles_of(two)
    assert set(styles_of(one).values()) == {"xdog", "report_b"}
    only = prepared(Folders(faces), tmp_path / "three", PrepareSettings(sketcher="xdog"))
    assert set(styles_of(only).values()) == {"xdog"}
    for entry in one.entries:
        (alone,) = [other for other in only.entries if other.name == entry.name]
        same = entry.sha256["sketch"] == alone.sha256["sketch"]
        assert same == (entry.attributes["style"] == "xdog")


def test_a_style_can_be_filtered(faces: Path, tmp_path: Path) -> None:
    settings = PrepareSettings(sketcher="xdog,report_b", where=("style=xdog",))
    assert set(styles_of(prepared(Folders(faces), tmp_path / "out", settings)).values()) == {"xdog"}


def test_each_face_is_drawn_by_several_sketchers_on_request(faces: Path, tmp_path: Path) -> None:
    settings = PrepareSettings(sketcher="xdog,report_b,pencil", drawings=2, test_share=0.3)
    manifest = prepared(Folders(faces), tmp_path / "out", settings)
    assert len(manifest.entries) == 20
    by_person: dict[str, list[tuple[str, str]]] = {}
    for entry in manifest.entries:
        assert entry.name == f"{entry.identity}-{entry.attributes['style']}"
        by_person.setdefault(entry.identity, []).append((entry.split, entry.attributes["style"]))
    assert all(len({s for s, _ in drawn}) == 1 for drawn in by_person.values())
    assert all(len({s for _, s in drawn}) == 2 for drawn in by_person.values())
    with pytest.raises(DataError, match="--drawings 2 is more than the number of sketchers, 1"):
        prepare(Folders(faces), tmp_path / "no", PrepareSettings(sketcher="xdog", drawings=2))


def test_count_counts_photos_and_not_their_drawings(faces: Path, tmp_path: Path) -> None:
    settings = PrepareSettings(sketcher="xdog,report_b", drawings=2, count=3)
    manifest = prepared(Folders(faces), tmp_path / "out", settings)
    assert len(manifest.entries) == 6 and len({entry.identity for entry in manifest.entries}) == 3
    assert "count: 3 of 10" in manifest.header.selection


def test_only_faces_with_a_sketcher_are_all_drawn(faces: Path, tmp_path: Path) -> None:
    pairs = Folders(faces, sketches := tmp_path / "sketches")
    shutil.copytree(faces, sketches)
    untouched = prepared(pairs, tmp_path / "both", PrepareSettings(sketcher="xdog"))
    assert any("--only face draws all faces" in line for line in untouched.header.selection)
    assert not any("style" in entry.attributes for entry in untouched.entries)
    manifest = prepared(pairs, tmp_path / "out", PrepareSettings(only="face", sketcher="xdog"))
    assert set(styles_of(manifest).values()) == {"xdog"}
    assert all(set(entry.files) == {"face", "sketch"} for entry in manifest.entries)
    faces_alone = prepared(pairs, tmp_path / "faces", PrepareSettings(only="face"))
    assert all(set(entry.files) == {"face"} for entry in faces_alone.entries)


SLOWLY = """
import sys, time
from pathlib import Path
from s2f_cli.data.preparation import prepare
from s2f_cli.data.sources.folders import Folders

def wait(done, total):
    print(done, flush=True)
    time.sleep(60 if done == 4 else 0)

prepare(Folders(Path(sys.argv[1])), Path(sys.argv[2]), workers=1, on_progress=wait)
"""


def test_a_killed_preparation_resumes(faces: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SLOWLY, str(faces), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        for number in range(5):
            assert process.stdout.readline() == b"%d\n" % number
        os.kill(process.pid, signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    progress: list[int] = []
    prepare(Folders(faces), tmp_path / "out", workers=1, on_progress=lambda done, _: progress.append(done))
    assert progress == [0, *range(5, 11), 10]
    assert tree(tmp_path / "out") == tree(prepared(Folders(faces), tmp_path / "plain").folder)


def test_a_full_disk_stops_the_preparation_which_resumes_later(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(Stop, match="No space left"):
        prepare(
            Folders(faces),
            tmp_path / "out",
            workers=1,
            on_progress=lambda done, _: patched.setattr(Path, "write_bytes", full) if done else None,
        )
    assert not (tmp_path / "out").exists()
    assert len(prepared(Folders(faces), tmp_path / "out").entries) == 10


def test_duplicates_across_the_split_are_left_out_of_training(faces: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(faces, own)
    plain = prepared(Folders(own), tmp_path / "plain")
    tested = plain.having("test", "face")[0]
    trained = plain.having("train", "face")[0]
    for number in range(6):
        shutil.copy(own / f"{tested.name}.png", own / f"copy-{number}.png")
    Image.open(own / f"{trained.name}.png").convert("L").save(own / "gray.png")
    manifest = prepared(Folders(own), tmp_path / "out")
    duplicates = manifest.header.duplicates
    across = [e for e in manifest.entries if e.split == "train" and e.name.startswith("copy")]
    assert not across
    assert any("left out of train" in line and "equal to" in line for line in duplicates.values())
    assert any("nearly equal" in line for line in duplicates.values())
    files = {p.stem for p in (tmp_path / "out").rglob("*.png")}
    assert files == {e.name for e in manifest.entries}
    everyone = prepared(Folders(own), tmp_path / "ignored", PrepareSettings(duplicates="ignore"))
    assert len(everyone.entries) == 17
    once = prepared(Folders(own), tmp_path / "once", PrepareSettings(duplicates="all"))
    assert len(once.entries) == 10


def test_sketches_are_drawn_and_faces_aligned_on_request(faces: Path, tmp_path: Path) -> None:
    manifest = prepared(Folders(faces), tmp_path / "drawn", PrepareSettings(sketcher="report_b", size=32))
    assert all(set(e.files) == {"face", "sketch"} for e in manifest.entries)
    (tmp_path / "big").mkdir()
    draw(looks(0, 1)).save(tmp_path / "big" / "a.png")
    Image.new("RGB", (90, 90)).save(tmp_path / "big" / "b.png")
    aligned = prepared(
        Folders(tmp_path / "big"), tmp_path / "aligned", PrepareSettings(align="cufs", size=100)
    )
    (entry,) = aligned.entries
    assert Image.open(aligned.path(entry, "face")).size == (100, 125)
    assert entry.alignment["face"].confidence and entry.alignment["face"].confidence > 0
    assert "no face" in aligned.header.left_out["b"]


def test_eyes_are_recorded_in_photos_that_stay_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    draw(looks(0, 1)).save(folder / "a.png")
    Image.new("RGB", (90, 90), "gray").save(folder / "b.png")
    manifest = prepared(Folders(folder), tmp_path / "found", PrepareSettings(find_eyes=True, sketcher="xdog"))
    found = {entry.name: entry.alignment for entry in manifest.entries}
    assert found["b"] == {} and found["a"].keys() == {"face"}
    copy = tmp_path / "found" / next(e.files["face"] for e in manifest.entries if e.name == "a")
    assert copy.read_bytes() == (folder / "a.png").read_bytes()
    left, right = found["a"]["face"].left_eye, found["a"]["face"].right_eye
    assert found["a"]["face"].matrix == (1, 0, 0, 0, 1, 0) and left[0] < right[0]


def test_eyes_found_by_hand_replace_a_detection(tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    draw(looks(0, 1)).save(folder / "a.png")
    Image.new("RGB", (90, 90), "gray").save(folder / "b.png")
    table = tmp_path / "eyes.csv"
    table.write_text("file,left_x,left_y,right_x,right_y\nfaces/b.png,30,40,50,40\nc.png,1,1,2,2\n")
    without = prepared(Folders(folder), tmp_path / "without", PrepareSettings(align="report-b"))
    assert "--eyes" in without.header.left_out["b"]
    manifest = prepared(Folders(folder), tmp_path / "with", PrepareSettings(align="report-b", eyes=table))
    assert manifest.header.left_out == {f"{table}, line 3": "there is no image c.png"}
    entries = {entry.name: entry.alignment["face"] for entry in manifest.entries}
    assert entries["b"].confidence is None and entries["b"].left_eye == (30, 40)
    assert entries["a"].confidence is not None
    with pytest.raises(DataError, match="--eyes has no effect without --align"):
        PrepareSettings(eyes=table)


def test_an_archive_works_like_a_folder(faces: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "faces"), "zip", faces)
    manifest = prepared(Folders(Path(archive)), tmp_path / "out")
    assert manifest.digest() == prepared(Folders(faces), tmp_path / "plain").digest()
