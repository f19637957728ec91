import pytest
import torch
from torch import Tensor, nn

from s2f_cli.models.networks import _convolution


def both(name: str, side: int, **options: object) -> tuple[nn.Module, nn.Module, Tensor]:
    torch.manual_seed(0)
    ours = getattr(_convolution, name)(6, 10, 4, stride=2, padding=1, **options)
    theirs = getattr(nn, name)(6, 10, 4, stride=2, padding=1, **options)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs, torch.randn(3, 6, side, side, requires_grad=True)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("name", "side"), [("Conv2d", 2), ("Conv2d", 4), ("ConvTranspose2d", 1), ("ConvTranspose2d", 4)]
)
def test_equals_torch_forward_and_backward(name: str, side: int, bias: bool) -> None:
    ours, theirs, image = both(name, side, bias=bias)
    output, expected = ours(image), theirs(image)
    torch.testing.assert_close(output, expected, rtol=1e-4, atol=1e-5)
    factors = torch.randn_like(expected)
    for gradient, expected_gradient in zip(
        torch.autograd.grad((output * factors).sum(), [image, *ours.parameters()]),
        torch.autograd.grad((expected * factors).sum(), [image, *theirs.parameters()]),
        strict=True,
    ):
        torch.testing.assert_close(gradient, expected_gradient, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d"])
def test_large_maps_and_evaluation_mode_use_torch(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    theirs = getattr(nn, name).forward
    monkeypatch.setattr(getattr(nn, name), "forward", lambda *args: calls.append(1) or theirs(*args))
    ours, _, image = both(name, 16)
    ours(image)
    assert calls == [1]
    ours(image[..., :4, :4])
    assert calls == [1]
    ours.eval()(image[..., :4, :4])
    assert calls == [1, 1]
