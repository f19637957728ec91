import torch
from torch import nn

from s2f_cli.training.losses.l1_activity import L1Activity
from s2f_cli.training.losses.l2_weights import L2Weights


def test_activity_by_hand() -> None:
    code = torch.tensor([[1.0, -2.0, 0.0], [0.0, 0.0, 0.5]])
    assert L1Activity()(code).item() == (3 + 0.5) / 2
    assert L1Activity()(code[:, :, None, None]).item() == (3 + 0.5) / 2


def test_weights_by_hand() -> None:
    """1² + 2² + 3² + 4² for the matrix, nothing for the bias and the norm."""
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([[1.0, -2.0], [3.0, 4.0]]))
        network[0].bias.fill_(9)
    loss = L2Weights()(network)
    assert loss.item() == 30
    loss.backward()
    assert torch.equal(network[0].weight.grad, 2 * network[0].weight)
    assert network[0].bias.grad is None
