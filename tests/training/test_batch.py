import pytest
import torch

from s2f_cli.training.batch import Batch


def test_a_missing_domain_is_refused() -> None:
    batch = Batch(sketch=torch.zeros(3, 1, 4, 4), step=7)
    assert batch.domains == ("sketch",)
    assert len(batch) == 3
    assert batch.source("face") is batch.sketch
    with pytest.raises(ValueError, match=r"data\.domains lacks 'face'"):
        _ = batch.face


def test_map_images_applies_to_both_domains_and_keeps_the_step() -> None:
    batch = Batch(torch.zeros(2, 3, 4, 4), torch.ones(2, 1, 4, 4), step=7)
    batch = batch.map(lambda images: images + 1)
    assert batch.step == 7
    assert (batch.face.max(), batch.sketch.min()) == (1, 2)


def test_conditions_follow_their_rows_as_planes_behind_the_image() -> None:
    vectors = torch.tensor([[0.0, 1.0], [1.0, -1.0]])
    batch = Batch(sketch=torch.zeros(2, 1, 4, 6), conditions=vectors)
    source = batch.source("face")
    assert source.shape == (2, 3, 4, 6)
    assert torch.equal(source[:, 1:, 2, 3], vectors)
    assert batch.with_conditions(torch.ones(2, 3, 5, 5)).shape == (2, 5, 5, 5)
    first, second = batch.map(lambda tensor: tensor + 1).split(2)
    assert torch.equal(first.conditions, vectors[:1] + 1) and torch.equal(second.conditions, vectors[1:] + 1)
    assert torch.equal(second.source("face")[0, 1:, 0, 0], vectors[1] + 1)
