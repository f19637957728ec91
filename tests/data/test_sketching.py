"""Sketches of photos: seeds, files and the preview."""

from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core import registry
from s2f_cli.core.errors import ImageError, MissingPart
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.data.sketching import (
    SketchJob,
    choose_styles,
    find_style,
    find_styles,
    image_seed,
    preview,
    sketch,
    sketch_file,
)


def test_every_image_has_its_own_seed() -> None:
    seeds = {image_seed(seed, name) for seed in range(3) for name in ("a", "b", "1", "")}
    assert len(seeds) == 12


def test_a_sketch_depends_on_the_seed_and_the_name() -> None:
    face = draw(looks(0, 0)).resize((64, 64))
    report_b = find_style("report_b").sketcher
    first = sketch(face, report_b, 0, "a").tobytes()
    assert sketch(face, report_b, 0, "a").tobytes() == first
    assert sketch(face, report_b, 1, "a").tobytes() != first
    assert sketch(face, report_b, 0, "b").tobytes() != first


def test_a_name_may_have_hyphens_and_an_unknown_one_is_an_error() -> None:
    assert find_style("report-b") == find_style("report_b")
    with pytest.raises(MissingPart, match="'dodge'"):
        find_style("dodge")


def test_a_list_names_each_style_once() -> None:
    assert [style.name for style in find_styles("xdog,report-b,xdog,")] == ["xdog", "report_b"]
    assert find_styles("") == ()
    with pytest.raises(MissingPart, match="'dodge'"):
        find_styles("xdog,dodge")


def test_every_photo_has_its_own_style_and_another_one_changes_few() -> None:
    names = [str(number) for number in range(60)]
    two, three = find_styles("xdog,pencil"), find_styles("xdog,pencil,report_b")
    before = {name: choose_styles(two, 1, 0, name)[0].name for name in names}
    after = {name: choose_styles(three, 1, 0, name)[0].name for name in names}
    assert min(list(after.values()).count(style.name) for style in three) > 8
    assert all(after[name] in (before[name], "report_b") for name in names)
    assert len(choose_styles(three, 2, 0, "a")) == 2
    assert before != {name: choose_styles(two, 1, 1, name)[0].name for name in names}


def test_a_photo_is_drawn_to_its_target(tmp_path: Path) -> None:
    draw(looks(0, 0)).resize((64, 48)).save(tmp_path / "a.png")
    target = sketch_file(
        find_styles("xdog"), 0, SketchJob(tmp_path / "a.png", tmp_path / "out" / "a.png", "a.png")
    )
    with Image.open(target) as drawing:
        assert (drawing.mode, drawing.size) == ("L", (64, 48))


def test_a_preview_skips_unreadable_photos(tmp_path: Path) -> None:
    draw(looks(0, 0)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    sheet = preview([tmp_path / "a.png", tmp_path / "b.png"], seed=0, side=32)
    assert sheet.width == (1 + len(registry.names("sketchers"))) * 36 + 4
    with pytest.raises(ImageError, match="nothing to preview"):
        preview([tmp_path / "b.png"], seed=0)
