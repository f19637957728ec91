"""Batches are a function of seed and step; their images are compared with the files."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
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
from s2f_cli.training.batch_settings import BatchSettings
from s2f_cli.training.batches import Batches

SIZE = 16


@pytest.fixture(scope="session")
def uneven(tmp_path_factory: pytest.TempPathFactory, make_data: Callable[..., Path]) -> Path:
    """Five faces and three sketches to train on."""
    return make_data(tmp_path_factory.mktemp("uneven") / "data", train=(5, 3), test=(1, 1))


STANDARD = BatchSettings(
    batch_size=2,
    sides={"face": SIZE, "sketch": SIZE},
    channels={"face": 3, "sketch": 1},
    fit="crop",
    pairing="paired",
)


def batches_of(
    data: Path,
    *augmentations: str,
    split: str = "train",
    seed: int = 0,
    rows: Sequence[int] | None = None,
    **options: Any,
) -> Batches:
    """Batches with the standard settings, or others, and augmentations."""
    augment = [registry.find("augmentations", name)() for name in augmentations]
    settings = replace(STANDARD, augmentations=augment, **options)
    return Batches(Manifest.read(data), settings, split=split, seed=seed, rows=rows)


def originals(data: Path, domain: str) -> list[np.ndarray]:
    """The images of the training split as uint8 (channels, height, width), in the order of their files."""
    files = sorted((data / "train" / domain).glob("*.png"))
    return [np.atleast_3d(np.asarray(Image.open(file))).transpose(2, 0, 1) for file in files]


def levels(images: torch.Tensor) -> list[np.ndarray]:
    """Images in [-1, 1] as levels 0 to 255."""
    assert images.dtype == torch.float32 and images.abs().max() <= 1
    return list(((images + 1) * 127.5).round().to(torch.uint8).numpy())


def index_of(image: np.ndarray, among: list[np.ndarray]) -> int:
    (index,) = [number for number, original in enumerate(among) if np.array_equal(image, original)]
    return index


def orientations(image: np.ndarray) -> list[np.ndarray]:
    turned = [np.rot90(image, turns, axes=(1, 2)) for turns in range(4)]
    return turned + [image[:, :, ::-1] for image in turned]


@pytest.mark.parametrize("pairing", ["paired", "unpaired"])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    earlier_steps=st.lists(st.integers(0, 40), max_size=4),
    step=st.integers(0, 40),
    seed=st.integers(0, 2**63 - 1),
)
def test_a_batch_does_not_depend_on_earlier_batches(
    pairing: str, data: Path, earlier_steps: list[int], step: int, seed: int
) -> None:
    def fresh() -> Batches:
        return batches_of(data, "flip", "dihedral", "camera", "paper", "jitter", pairing=pairing, seed=seed)

    used = fresh()
    for earlier in earlier_steps:
        used.at(earlier)
    batch, expected = used.at(step), fresh().at(step)
    assert torch.equal(batch.face, expected.face) and torch.equal(batch.sketch, expected.sketch)
    assert batch.step == step


def test_a_stream_yields_the_batches_of_its_steps(data: Path) -> None:
    drawn = batches_of(data)
    streamed = list(drawn.stream(2, 6))
    assert [batch.step for batch in streamed] == [2, 3, 4, 5]
    for batch in streamed:
        assert torch.equal(batch.face, drawn.at(batch.step).face)
    assert not list(drawn.stream(3, 3))


def test_batches_for_a_gpu_are_pinned_copied_and_augmented_there_in_the_background(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The device "meta", which computes nothing, stands in for CUDA."""
    events: list[tuple[str, int]] = []

    def record(event: str, result: Any) -> Any:
        events.append((event, threading.get_ident()))
        return result

    class GPU:
        type = "cuda"

    class Stream:
        def synchronize(self) -> None:
            record("finished", None)

    original = torch.Tensor.to

    def to(images: torch.Tensor, *arguments: Any, non_blocking: bool = False) -> torch.Tensor:
        if not isinstance(arguments[0], GPU):
            return original(images, *arguments)
        if images.dtype == torch.uint8:
            assert non_blocking
            record("copied", None)
        return original(images, "meta")

    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda images: record("pinned", images))
    monkeypatch.setattr(torch.Tensor, "to", to)
    monkeypatch.setattr(torch.cuda, "Stream", lambda device: Stream())
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: nullcontext())
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: None)
    monkeypatch.setattr(torch.Tensor, "record_stream", lambda images, stream: record("kept", None))
    drawn = list(batches_of(data, "flip").stream(0, 2, GPU()))  # type: ignore[arg-type]
    assert all(batch.face.shape == (2, 3, SIZE, SIZE) and batch.face.is_meta for batch in drawn)
    background = Counter(event for event, thread in events if thread != threading.get_ident())
    assert background == {"pinned": 4, "copied": 4, "finished": 2}
    assert Counter(event for event, thread in events if thread == threading.get_ident()) == {"kept": 4}
    events.clear()
    list(batches_of(data).stream(0, 2))
    assert not events


def test_the_order_of_rows_does_not_depend_on_which_are_augmented_together(data: Path) -> None:
    """Rows of one variant are augmented together, a few at a time."""
    augmentations = ("flip", "dihedral")
    whole = batches_of(data, *augmentations, batch_size=24).at(0)
    for row in range(24):
        alone = batches_of(data, *augmentations, batch_size=24, rows=[row]).at(0)
        assert torch.equal(whole.face[row], alone.face[0]) and torch.equal(whole.sketch[row], alone.sketch[0])


def test_images_of_several_shapes_fit_into_one_batch(make_data, tmp_path: Path) -> None:
    data = make_data(tmp_path / "data", train=(6, 6))
    for number, (width, height) in enumerate([(16, 16), (20, 16), (16, 20)]):
        for domain in ("face", "sketch"):
            with Image.open(data / f"train/{domain}/{number}.png") as image:
                resized = image.resize((width, height))
            resized.save(data / f"train/{domain}/{number}.png")
    whole = batches_of(data, "flip", "jitter", batch_size=6).at(0)
    assert whole.face.shape == (6, 3, SIZE, SIZE)
    for row in range(6):
        alone = batches_of(data, "flip", "jitter", batch_size=6, rows=[row]).at(0)
        assert (whole.face[row] - alone.face[0]).abs().max() < 0.01  # rounding: one level


def test_another_seed_gives_other_batches(data: Path) -> None:
    assert not torch.equal(batches_of(data, seed=0).at(0).face, batches_of(data, seed=1).at(0).face)


@pytest.mark.parametrize("augmentations", [(), ("flip",), ("dihedral",), ("flip", "dihedral")])
def test_both_images_of_a_pair_are_augmented_alike(augmentations: tuple[str, ...], data: Path) -> None:
    drawn = batches_of(data, *augmentations, batch_size=3)
    for step in range(8):
        batch = drawn.at(step)
        for face, sketch in zip(levels(batch.face), levels(batch.sketch), strict=True):
            gray = np.asarray(Image.fromarray(face.transpose(1, 2, 0)).convert("L"))
            assert np.array_equal(sketch[0], gray)


@pytest.mark.parametrize("batch_size", [1, 2, 4])
def test_an_epoch_shows_every_image_once_in_a_new_order(batch_size: int, data: Path) -> None:
    drawn, faces = batches_of(data, batch_size=batch_size), originals(data, "face")
    shown = [
        index_of(image, faces) for step in range(36 // batch_size) for image in levels(drawn.at(step).face)
    ]
    epochs = [shown[first : first + 6] for first in range(0, 36, 6)]
    assert drawn.epoch_images == 6
    assert all(sorted(epoch) == list(range(6)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    assert [drawn.epoch(step) for step in range(36 // batch_size)] == [
        s * batch_size // 6 for s in range(36 // batch_size)
    ]


def test_an_epoch_shows_every_image_in_all_eight_orientations(data: Path) -> None:
    drawn = batches_of(data, "dihedral")
    assert drawn.epoch_images == 48
    known = [turned for face in originals(data, "face") for turned in orientations(face)]
    shown = [index_of(image, known) for step in range(24) for image in levels(drawn.at(step).face)]
    assert sorted(shown) == list(range(48))


def test_half_of_the_images_are_mirrored(data: Path) -> None:
    drawn, faces = batches_of(data, "flip"), originals(data, "face")
    known = [*faces, *(face[:, :, ::-1] for face in faces)]
    shown = Counter(index_of(image, known) for step in range(120) for image in levels(drawn.at(step).face))
    assert set(shown) == set(range(12))
    assert sum(shown[number] for number in range(6, 12)) == pytest.approx(
        120, abs=24
    )  # three standard deviations


def test_unpaired_domains_are_drawn_independently(uneven: Path) -> None:
    drawn = batches_of(uneven, pairing="unpaired", batch_size=1)
    faces, sketches = originals(uneven, "face"), originals(uneven, "sketch")
    assert drawn.epoch_images == 5
    shown = [(levels(b.face)[0], levels(b.sketch)[0]) for b in drawn.stream(0, 15)]
    order = [(index_of(face, faces), index_of(sketch, sketches)) for face, sketch in shown]
    for count, domain in ((5, 0), (3, 1)):
        passes = [
            sorted(pair[domain] for pair in order[first : first + count]) for first in range(0, 15, count)
        ]
        assert passes == [list(range(count))] * len(passes)
    assert len(set(order)) > 5


def test_paired_batches_contain_only_pairs(uneven: Path) -> None:
    drawn = batches_of(uneven, batch_size=1)
    assert drawn.epoch_images == 3
    faces = originals(uneven, "face")
    assert {index_of(levels(batch.face)[0], faces) for batch in drawn.stream(0, 3)} == {0, 1, 2}


def test_a_single_domain_can_be_drawn(uneven: Path) -> None:
    drawn = batches_of(uneven, pairing="unpaired", sides={"sketch": SIZE})
    assert drawn.epoch_images == 3
    assert drawn.at(0).domains == ("sketch",)


def test_each_domain_has_its_size_and_channels(data: Path) -> None:
    drawn = batches_of(data, sides={"face": 8, "sketch": 24}, channels={"face": 1, "sketch": 3}, batch_size=5)
    batch = drawn.at(0)
    assert batch.face.shape == (5, 1, 8, 8)
    assert batch.sketch.shape == (5, 3, 24, 24)


def test_batches_do_not_depend_on_the_size_of_the_cache(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [batch.face for batch in batches_of(data).stream(0, 6)]
    monkeypatch.setattr(batches, "CACHE_BYTES", 2 * 3 * SIZE * SIZE)
    for batch, face in zip(batches_of(data).stream(0, 6), expected, strict=True):
        assert torch.equal(batch.face, face)


@pytest.mark.parametrize(
    ("split", "pairing", "message"),
    [
        ("train", "paired", "no pair of a face and a sketch in its split 'train'"),
        ("train", "unpaired", "no sketch image in its split 'train'"),
        ("valid", "unpaired", "no face image in its split 'valid'"),
    ],
)
def test_the_error_names_missing_images(
    split: str, pairing: str, message: str, make_data, tmp_path: Path
) -> None:
    data = make_data(tmp_path / "data", train=(2, 0), test=(1, 1))
    with pytest.raises(DataError, match=message) as raised:
        batches_of(data, split=split, pairing=pairing)
    assert "it has the splits test, train" in raised.value.hint


def test_the_error_names_an_image_that_cannot_be_read(make_data, tmp_path: Path) -> None:
    data = make_data(tmp_path / "data", train=(2, 2))
    (data / "train/face/1.png").write_bytes(b"")
    with pytest.raises(ImageError, match=r"train/face/1\.png is empty"):
        list(batches_of(data).stream(0, 3))
