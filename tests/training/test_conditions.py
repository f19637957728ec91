"""Conditions of batches: labels of entries, and colours of photos that are augmented."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from s2f_cli.core import registry
from s2f_cli.data.manifest import Entry, Header, Manifest
from s2f_cli.faces import colours
from s2f_cli.models.colours import to_numbers
from s2f_cli.models.recipes.conditions import Conditions
from s2f_cli.training.augmentations import Augmentation
from s2f_cli.training.batch_settings import BatchSettings
from s2f_cli.training.batches import Batches

SIDE = 32
EYES = ((12.0, 15.0), (20.0, 15.0))
SKIN, HAIR, BACKDROP = "#c08060", "#302010", "#2040a0"
CONDITIONS = Conditions.model_validate(
    {
        "style": {"default": "bold", "labels": {"fine": ["1"], "bold": ["2"]}},
        "skin": {"default": "#010203"},
        "hair": {"default": "#040506"},
        "wall": {"default": "#070809", "region": "backdrop"},
    }
)
STANDARD = BatchSettings(
    batch_size=6,
    sides={"face": SIDE, "sketch": SIDE},
    channels={"face": 3, "sketch": 1},
    fit="crop",
    pairing="paired",
    conditions=CONDITIONS,
)


def portrait() -> Image.Image:
    """A photo in which each region has one colour."""
    photo = Image.new("RGB", (SIDE, SIDE), SKIN)
    skin, hair, backdrop = colours.region_masks(photo.size, EYES, ("skin", "hair", "backdrop"))
    for mask, colour in ((hair, HAIR), (backdrop, BACKDROP)):
        photo.paste(colour, mask=mask.point(lambda level: 255 * (level > 0)))
    photo.paste(SKIN, mask=skin.point(lambda level: 255 * (level > 0)))
    return photo


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """Pairs in the styles 1, 2 and 9; a detector that finds the eyes, and counts its calls."""
    entries = []
    for number, style in enumerate(("1", "2", "9")):
        files = {"face": f"{number}.png", "sketch": f"{number}-sketch.png"}
        portrait().save(tmp_path / files["face"])
        Image.new("L", (SIDE, SIDE), 10 * number).save(tmp_path / files["sketch"])
        hashes = dict.fromkeys(files, "00")
        entries.append(
            Entry(
                name=str(number),
                split="train",
                identity=str(number),
                files=files,
                sha256=hashes,
                attributes={"style": style},
            )
        )
    monkeypatch.setattr(colours, "find_eyes", lambda photo: EYES)
    return Manifest(tmp_path, Header(source="test"), entries)


def batches(manifest: Manifest, *augmentations: Augmentation, **options: object) -> Batches:
    return Batches(manifest, replace(STANDARD, augmentations=augmentations, **options))


def wanted(*colour_texts: str) -> torch.Tensor:
    return torch.tensor([number for text in colour_texts for number in to_numbers(text)])


def test_labels_and_colours_of_each_row(people: Manifest) -> None:
    batch = batches(people).at(0)
    assert batch.conditions is not None and batch.conditions.shape == (6, 11)
    for sketch, vector in zip(batch.sketch, batch.conditions, strict=True):
        number = round(float((sketch.mean() + 1) * 127.5) / 10)
        assert vector[:2].tolist() == [[1, 0], [0, 1], [0, 1]][number]
        assert torch.allclose(vector[2:], wanted(SKIN, HAIR, BACKDROP), atol=0.05)
    assert batch.source("face").shape == (6, 12, SIDE, SIDE)


@pytest.mark.parametrize("name", ["flip", "dihedral", "jitter"])
def test_masks_move_with_the_pixels(people: Manifest, name: str) -> None:
    batch = batches(people, registry.find("augmentations", name)()).at(1)
    assert batch.conditions is not None
    assert torch.allclose(batch.conditions[:, 2:8], wanted(SKIN, HAIR).expand(6, -1), atol=0.1)


class Darker(Augmentation):
    def __call__(self, levels: torch.Tensor, draw: object) -> torch.Tensor:
        return levels // 2


def test_colours_are_measured_after_they_changed(people: Manifest) -> None:
    batch = batches(people, Darker()).at(0)
    assert batch.conditions is not None
    assert torch.allclose(batch.conditions[0, 2:5], (wanted(SKIN) - 1) / 2, atol=0.05)


def test_a_new_backdrop_is_measured(people: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = np.zeros((SIDE, SIDE), np.float32)
    monkeypatch.setattr("s2f_cli.training.augmentations.backdrop.person_matte", lambda _: nobody)
    backdrop, flip = (registry.find("augmentations", name) for name in ("backdrop", "flip"))
    batch = batches(people, backdrop(share=1.0), flip()).at(0)
    assert batch.conditions is not None
    walls = batch.face[:, :, :8].mean(dim=(2, 3))
    assert walls.std(dim=0).min() > 0.1
    assert torch.allclose(batch.conditions[:, 8:], walls, atol=0.1)


def test_what_is_not_known_is_the_default(people: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colours, "find_eyes", lambda photo: None)
    batch = batches(people).at(0)
    assert batch.conditions is not None
    assert torch.allclose(batch.conditions[:, 2:8], wanted("#010203", "#040506").expand(6, -1))
    assert torch.allclose(batch.conditions[:, 8:], wanted(BACKDROP).expand(6, -1), atol=0.05)
    batch = batches(people, sides={"sketch": SIDE}, pairing="unpaired").at(0)
    assert batch.conditions is not None
    assert torch.allclose(batch.conditions[:, 2:], torch.tensor(CONDITIONS.vector())[2:].expand(6, -1))


def test_unpaired_rows_take_labels_from_the_sketch_and_colours_from_the_photo(people: Manifest) -> None:
    batch = batches(people, pairing="unpaired").at(0)
    assert batch.conditions is not None
    fine = (batch.sketch.mean(dim=(1, 2, 3)) < -0.99).float()
    assert torch.equal(batch.conditions[:, 0], fine)
    assert torch.allclose(batch.conditions[:, 2:5], wanted(SKIN).expand(6, -1), atol=0.05)


def test_images_are_the_same_with_and_without_conditions(people: Manifest) -> None:
    parts = [registry.find("augmentations", name)() for name in ("jitter", "flip", "camera", "paper")]
    given, unconditional = (batches(people, *parts, conditions=c).at(2) for c in (CONDITIONS, Conditions()))
    assert torch.equal(given.face, unconditional.face) and torch.equal(given.sketch, unconditional.sketch)
    assert unconditional.conditions is None


def test_eyes_are_found_once_per_photo_and_never_without_colours(
    people: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(colours, "find_eyes", calls.append)
    monkeypatch.setattr("s2f_cli.training.batches.CACHE_BYTES", 0)
    labels_only = Conditions(root={"style": CONDITIONS.root["style"]})
    batches(people, conditions=labels_only).at(0)
    assert not calls
    for drawn in (batches(people), batches(people, pairing="unpaired")):
        for step in range(3):
            drawn.at(step)
    assert len(calls) == 3


def test_rows_of_a_share_have_their_own_conditions(people: Manifest) -> None:
    whole = batches(people, registry.find("augmentations", "jitter")()).at(1)
    settings = replace(STANDARD, augmentations=[registry.find("augmentations", "jitter")()])
    share = Batches(people, settings, rows=[4, 1]).at(1)
    assert whole.conditions is not None and share.conditions is not None
    assert torch.allclose(share.conditions, whole.conditions[[4, 1]], atol=1e-5)
