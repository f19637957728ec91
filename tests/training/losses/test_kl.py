import torch
from torch.distributions import Normal, kl_divergence

from s2f_cli.training.losses.kl import KL


def test_matches_torch_distributions() -> None:
    torch.manual_seed(0)
    code = torch.randn(4, 10, 1, 1)
    mean, log_variance = code.chunk(2, dim=1)
    expected = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).mean()
    torch.testing.assert_close(KL()(code), expected)


def test_is_smallest_at_the_standard_normal() -> None:
    code = torch.zeros(2, 6, requires_grad=True)
    loss = KL()(code)
    loss.backward()
    assert loss.item() == 0
    assert code.grad is not None and code.grad.abs().max() == 0
