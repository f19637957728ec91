"""Batches are a function of seed and step; what they hold is checked against the pictures themselves."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from s2f_cli.core import registry
from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.data.manifest import Manifest
from s2f_cli.training import batches
from s2f_cli.training.batches import Batches

SIZE = 16


@pytest.fixture(scope="session")
def uneven(tmp_path_factory: pytest.TempPathFactory, make_data: Callable[..., Path]) -> Path:
    """Five faces and three sketches to train on."""
    return make_data(tmp_path_factory.mktemp("uneven") / "data", train=(5, 3), test=(1, 1))


def stream(data: Path, **options: Any) -> Batches:
    standard = {"pairing": "paired", "size": SIZE, "fit": "crop", "channels": {"face": 3, "sketch": 1}}
    augment = [registry.find("augmentations", name)() for name in options.pop("augment", ())]
    return Batches(Manifest.read(data), "train", **{**standard, "batch_size": 2, **options}, augment=augment)


def originals(data: Path, domain: str) -> list[np.ndarray]:
    """The pictures of the training split as uint8 (channels, height, width), in the order of their files."""
    files = sorted((data / "train" / domain).glob("*.png"))
    return [np.atleast_3d(np.asarray(Image.open(file))).transpose(2, 0, 1) for file in files]


def levels(images: torch.Tensor) -> list[np.ndarray]:
    """Images in [-1, 1] as the levels that they were made from."""
    assert images.dtype == torch.float32 and images.abs().max() <= 1
    return list(((images + 1) * 127.5).round().to(torch.uint8).numpy())


def which(image: np.ndarray, among: list[np.ndarray]) -> int:
    (found,) = [number for number, original in enumerate(among) if np.array_equal(image, original)]
    return found


def orientations(image: np.ndarray) -> list[np.ndarray]:
    turned = [np.rot90(image, turns, axes=(1, 2)) for turns in range(4)]
    return turned + [one[:, :, ::-1] for one in turned]


@pytest.mark.parametrize("pairing", ["paired", "unpaired"])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(st.integers(0, 40), max_size=4), step=st.integers(0, 40), seed=st.integers(0, 2**63 - 1)
)
def test_a_step_is_the_same_whatever_was_drawn_before(
    pairing: str, data: Path, drawn: list[int], step: int, seed: int
) -> None:
    augment = ("flip", "dihedral", "camera", "paper", "jitter")
    options = {"pairing": pairing, "augment": augment, "seed": seed}
    used = stream(data, **options)
    for other in drawn:
        used.at(other)
    one, fresh = used.at(step), stream(data, **options).at(step)
    assert torch.equal(one.face, fresh.face) and torch.equal(one.sketch, fresh.sketch)
    assert one.step == step


def test_the_stream_is_its_steps(data: Path) -> None:
    drawn = stream(data)
    streamed = list(drawn.stream(2, 6))
    assert [batch.step for batch in streamed] == [2, 3, 4, 5]
    for batch in streamed:
        assert torch.equal(batch.face, drawn.at(batch.step).face)
    assert not list(drawn.stream(3, 3))


def test_batches_for_a_gpu_are_pinned_copied_and_augmented_there_in_the_background(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the device "meta" in the place of CUDA's, on which nothing is computed."""
    done: list[tuple[str, int]] = []

    def note(what: str, result: Any) -> Any:
        done.append((what, threading.get_ident()))
        return result

    class GPU:
        type = "cuda"

    class Stream:
        def synchronize(self) -> None:
            note("finished", None)

    copy = torch.Tensor.to

    def place(images: torch.Tensor, *how: Any, non_blocking: bool = False) -> torch.Tensor:
        if not isinstance(how[0], GPU):
            return copy(images, *how)
        if images.dtype == torch.uint8:
            assert non_blocking
            note("copied", None)
        return copy(images, "meta")

    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda images: note("pinned", images))
    monkeypatch.setattr(torch.Tensor, "to", place)
    monkeypatch.setattr(torch.cuda, "Stream", lambda device: Stream())
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: nullcontext())
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: None)
    monkeypatch.setattr(torch.Tensor, "record_stream", lambda images, stream: note("kept", None))
    drawn = list(stream(data, augment=("flip",)).stream(0, 2, GPU()))  # type: ignore[arg-type]
    assert all(batch.face.shape == (2, 3, SIZE, SIZE) and batch.face.is_meta for batch in drawn)
    behind = Counter(what for what, thread in done if thread != threading.get_ident())
    assert behind == {"pinned": 4, "copied": 4, "finished": 2}
    assert Counter(what for what, thread in done if thread == threading.get_ident()) == {"kept": 4}
    done.clear()
    list(stream(data).stream(0, 2))
    assert not done


def test_a_batch_of_many_is_in_its_order_whatever_goes_together(data: Path) -> None:
    """Rows of one turn are augmented together, a few at a time."""
    options = {"augment": ("flip", "dihedral"), "batch_size": 24}
    whole = stream(data, **options).at(0)
    for row in range(24):
        alone = stream(data, **options, rows=[row]).at(0)
        assert torch.equal(whole.face[row], alone.face[0]) and torch.equal(whole.sketch[row], alone.sketch[0])


def test_whole_images_of_several_shapes_go_into_one_batch(make_data, tmp_path: Path) -> None:
    data = make_data(tmp_path / "data", train=(6, 6))
    for number, (width, height) in enumerate([(16, 16), (20, 16), (16, 20)]):
        for domain in ("face", "sketch"):
            with Image.open(data / f"train/{domain}/{number}.png") as picture:
                resized = picture.resize((width, height))
            resized.save(data / f"train/{domain}/{number}.png")
    options = {"augment": ("flip", "jitter"), "batch_size": 6}
    whole = stream(data, **options).at(0)
    assert whole.face.shape == (6, 3, SIZE, SIZE)
    for row in range(6):
        alone = stream(data, **options, rows=[row]).at(0)
        assert (whole.face[row] - alone.face[0]).abs().max() < 0.01  # a level, of rounding


def test_seeds_differ(data: Path) -> None:
    assert not torch.equal(stream(data, seed=0).at(0).face, stream(data, seed=1).at(0).face)


@pytest.mark.parametrize("augment", [(), ("flip",), ("dihedral",), ("flip", "dihedral")])
def test_pairs_stay_pairs(augment: tuple[str, ...], data: Path) -> None:
    drawn = stream(data, augment=augment, batch_size=3)
    for step in range(8):
        batch = drawn.at(step)
        for face, sketch in zip(levels(batch.face), levels(batch.sketch), strict=True):
            gray = np.asarray(Image.fromarray(face.transpose(1, 2, 0)).convert("L"))
            assert np.array_equal(sketch[0], gray)


@pytest.mark.parametrize("batch_size", [1, 2, 4])
def test_an_epoch_shows_every_picture_once_in_a_new_order(batch_size: int, data: Path) -> None:
    drawn, faces = stream(data, batch_size=batch_size), originals(data, "face")
    shown = [which(image, faces) for step in range(36 // batch_size) for image in levels(drawn.at(step).face)]
    epochs = [shown[first : first + 6] for first in range(0, 36, 6)]
    assert drawn.epoch_images == 6
    assert all(sorted(epoch) == list(range(6)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    assert [drawn.epoch(step) for step in range(36 // batch_size)] == [
        s * batch_size // 6 for s in range(36 // batch_size)
    ]


def test_all_eight_orientations_of_every_picture_once_an_epoch(data: Path) -> None:
    drawn = stream(data, augment=("dihedral",))
    assert drawn.epoch_images == 48
    known = [turned for face in originals(data, "face") for turned in orientations(face)]
    shown = [which(image, known) for step in range(24) for image in levels(drawn.at(step).face)]
    assert sorted(shown) == list(range(48))


def test_half_of_the_pictures_are_mirrored(data: Path) -> None:
    drawn, faces = stream(data, augment=("flip",)), originals(data, "face")
    known = [*faces, *(face[:, :, ::-1] for face in faces)]
    shown = Counter(which(image, known) for step in range(120) for image in levels(drawn.at(step).face))
    assert set(shown) == set(range(12))
    assert sum(shown[number] for number in range(6, 12)) == pytest.approx(120, abs=24)  # three deviations


def test_unpaired_domains_are_drawn_on_their_own(uneven: Path) -> None:
    drawn = stream(uneven, pairing="unpaired", batch_size=1)
    faces, sketches = originals(uneven, "face"), originals(uneven, "sketch")
    assert drawn.epoch_images == 5
    shown = [(levels(b.face)[0], levels(b.sketch)[0]) for b in drawn.stream(0, 15)]
    order = [(which(face, faces), which(sketch, sketches)) for face, sketch in shown]
    for count, domain in ((5, 0), (3, 1)):
        passes = [
            sorted(pair[domain] for pair in order[first : first + count]) for first in range(0, 15, count)
        ]
        assert passes == [list(range(count))] * len(passes)
    assert len(set(order)) > 5


def test_only_pairs_are_drawn_in_pairs(uneven: Path) -> None:
    drawn = stream(uneven, batch_size=1)
    assert drawn.epoch_images == 3
    faces = originals(uneven, "face")
    assert {which(levels(batch.face)[0], faces) for batch in drawn.stream(0, 3)} == {0, 1, 2}


def test_one_domain_alone(uneven: Path) -> None:
    drawn = stream(uneven, pairing="unpaired", domains=("sketch",))
    assert drawn.epoch_images == 3
    assert drawn.at(0).domains == ("sketch",)


def test_each_domain_has_its_size_and_channels(data: Path) -> None:
    drawn = stream(data, size={"face": 8, "sketch": 24}, channels={"face": 1, "sketch": 3}, batch_size=5)
    batch = drawn.at(0)
    assert batch.face.shape == (5, 1, 8, 8)
    assert batch.sketch.shape == (5, 3, 24, 24)


def test_the_memory_changes_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [batch.face for batch in stream(data).stream(0, 6)]
    monkeypatch.setattr(batches, "MEMORY", 2 * 3 * SIZE * SIZE)
    assert all(
        torch.equal(batch.face, e) for batch, e in zip(stream(data).stream(0, 6), expected, strict=True)
    )


@pytest.mark.parametrize(
    ("split", "options", "message"),
    [
        ("train", {"pairing": "paired"}, "no pair of a face and a sketch in its split 'train'"),
        ("train", {"pairing": "unpaired"}, "no sketch image in its split 'train'"),
        ("valid", {"pairing": "unpaired"}, "no face image in its split 'valid'"),
    ],
)
def test_what_is_not_there_is_named(
    split: str, options: dict[str, str], message: str, make_data, tmp_path: Path
) -> None:
    data = make_data(tmp_path / "data", train=(2, 0), test=(1, 1))
    with pytest.raises(DataError, match=message) as raised:
        Batches(
            Manifest.read(data),
            split,
            size=SIZE,
            fit="crop",
            channels={"face": 3, "sketch": 1},
            batch_size=2,
            **options,
        )
    assert "it has the splits test, train" in raised.value.hint


def test_a_picture_that_cannot_be_read_is_named(make_data, tmp_path: Path) -> None:
    data = make_data(tmp_path / "data", train=(2, 2))
    (data / "train/face/1.png").write_bytes(b"")
    with pytest.raises(ImageError, match=r"train/face/1\.png is empty"):
        list(stream(data).stream(0, 3))
