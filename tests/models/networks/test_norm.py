import pytest
import torch
from torch import nn

from s2f_cli.models.networks._norm import InstanceNorm


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("count", [1, 3])
def test_equals_torch_forward_and_backward(count: int, layout: torch.memory_format) -> None:
    torch.manual_seed(0)
    image = (torch.randn(count, 5, 7, 9) * 4 + 2).contiguous(memory_format=layout).requires_grad_()
    target = torch.randn(count, 5, 7, 9)
    ours, theirs = InstanceNorm()(image), nn.InstanceNorm2d(5)(image)
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)
    gradients = [torch.autograd.grad((output * target).sum(), image)[0] for output in (ours, theirs)]
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-6)


def test_with_channels_it_learns_scale_and_shift() -> None:
    torch.manual_seed(0)
    image, ours, theirs = torch.randn(3, 5, 7, 9), InstanceNorm(5), nn.InstanceNorm2d(5, affine=True)
    for norm in (ours, theirs):
        norm.load_state_dict({"weight": torch.arange(5.0), "bias": torch.ones(5)})
    torch.testing.assert_close(ours(image), theirs(image), rtol=1e-5, atol=1e-6)
