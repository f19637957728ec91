import math

import pytest
import torch
import torch.nn.functional as F

from s2f_cli.training.losses.patch_nce import PatchNCE


def test_patch_nce_by_hand() -> None:
    """Two orthogonal patches of one image: -log(e^(1/τ) / (e^(1/τ) + e^0))."""
    vectors = torch.eye(2)[None]
    expected = -math.log(math.exp(1 / 0.5) / (math.exp(1 / 0.5) + 1))
    assert PatchNCE(temperature=0.5)(vectors, vectors).item() == pytest.approx(expected)


def test_patch_nce_matches_the_published_code() -> None:
    """The positive before all negatives, with its own position masked (published code)."""
    torch.manual_seed(0)
    query, key = F.normalize(torch.randn(2, 3, 6, 8), dim=3)
    positive = (query * key).sum(2, keepdim=True)
    negative = (query @ key.mT).masked_fill(torch.eye(6, dtype=torch.bool), -10.0)
    logits = torch.cat([positive, negative], dim=2).flatten(0, 1) / 0.07
    expected = F.cross_entropy(logits, torch.zeros(18, dtype=torch.long))
    torch.testing.assert_close(PatchNCE()(query, key), expected)


def test_patch_nce_has_no_gradient_for_the_key() -> None:
    query, key = (torch.randn(1, 4, 3, requires_grad=True) for _ in range(2))
    PatchNCE()(query, key).backward()
    assert query.grad is not None and key.grad is None


def test_the_gradient_of_patch_nce_is_its_slope() -> None:
    torch.manual_seed(0)
    query, key = torch.randn(2, 1, 4, 3, dtype=torch.double)
    assert torch.autograd.gradcheck(
        lambda patches: PatchNCE(temperature=0.5)(patches, key), query.requires_grad_()
    )
