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
    batch = batch.map_images(lambda images: images + 1)
    assert batch.step == 7
    assert (batch.face.max(), batch.sketch.min()) == (1, 2)
