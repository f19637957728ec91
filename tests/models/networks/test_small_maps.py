import pytest
import torch
from torch import Tensor, nn

from s2f_cli.models.networks import _small_maps


def both(name: str, side: int, **options: object) -> tuple[nn.Module, nn.Module, Tensor]:
    torch.manual_seed(0)
    ours = getattr(_small_maps, name)(6, 10, 4, stride=2, padding=1, **options)
    theirs = getattr(nn, name)(6, 10, 4, stride=2, padding=1, **options)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs, torch.randn(3, 6, side, side, requires_grad=True)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("name", "side"), [("Conv2d", 2), ("Conv2d", 4), ("ConvTranspose2d", 1), ("ConvTranspose2d", 4)]
)
def test_equals_torch_forward_and_backward(name: str, side: int, bias: bool) -> None:
    ours, theirs, image = both(name, side, bias=bias)
    made, wanted = ours(image), theirs(image)
    torch.testing.assert_close(made, wanted, rtol=1e-4, atol=1e-5)
    weigh = torch.randn_like(wanted)
    for one, other in zip(
        torch.autograd.grad((made * weigh).sum(), [image, *ours.parameters()]),
        torch.autograd.grad((wanted * weigh).sum(), [image, *theirs.parameters()]),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d"])
def test_large_maps_and_other_modes_are_left_to_torch(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    theirs = getattr(nn, name).forward
    monkeypatch.setattr(getattr(nn, name), "forward", lambda *given: calls.append(1) or theirs(*given))
    ours, _, image = both(name, 16)
    ours(image)
    assert calls == [1]
    ours(image[..., :4, :4])
    assert calls == [1]
    ours.eval()(image[..., :4, :4])
    assert calls == [1, 1]
