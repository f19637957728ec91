import torch

from s2f_cli.models.networks._squeeze import SqueezeExcitation


def test_matches_the_equations_of_the_paper() -> None:
    """Hu et al. 2018, equations 2-4: z = mean, s = σ(W₂ δ(W₁ z)), output = s · input."""
    block = SqueezeExcitation(channels=2, reduction=2)
    down, _, up, _ = block.excitation
    with torch.no_grad():
        down.weight.copy_(torch.tensor([[1.0, 2.0]]))
        down.bias.copy_(torch.tensor([0.5]))
        up.weight.copy_(torch.tensor([[1.0], [-1.0]]))
        up.bias.zero_()
    image = torch.tensor([[[[1.0, 3.0]], [[0.0, -1.0]]]])  # means 2 and -0.5 → 1 · 2 + 2 · -0.5 + 0.5 = 1.5
    weights = torch.sigmoid(torch.tensor([1.5, -1.5]))
    torch.testing.assert_close(block(image), image * weights[None, :, None, None])
