import math

import pytest
import torch
import torch.nn.functional as F

from s2f_cli.models.pretrained import vgg16
from s2f_cli.training.losses.patch_nce import PatchNCE
from s2f_cli.training.losses.perceptual import Perceptual


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


def test_perceptual_is_the_distance_of_features() -> None:
    torch.manual_seed(0)
    predicted, target = torch.rand(2, 1, 3, 32, 32) * 2 - 1
    loss = Perceptual(weights="random")
    features = {3: 0.0, 8: 0.0, 15: 0.0, 22: 0.0}
    first, second = vgg16.prepare(predicted), vgg16.prepare(target)
    for index, layer in enumerate(loss.layers):
        first, second = layer(first), layer(second)
        if index in features:
            features[index] = (first - second).abs().mean().item()
    assert loss(predicted, target).item() == pytest.approx(sum(features.values()), rel=1e-5)
    assert loss(target, target).item() == 0
    predicted.requires_grad_()
    loss(predicted, target).backward()
    assert predicted.grad is not None and predicted.grad.isfinite().all() and predicted.grad.abs().sum() > 0


def test_the_gradient_of_patch_nce_is_its_slope() -> None:
    torch.manual_seed(0)
    query, key = torch.randn(2, 1, 4, 3, dtype=torch.double)
    assert torch.autograd.gradcheck(
        lambda patches: PatchNCE(temperature=0.5)(patches, key), query.requires_grad_()
    )
