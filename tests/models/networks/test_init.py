import torch
from torch import nn

from s2f_cli.models.networks._init import dcgan_normal


def test_weights_are_normal_and_biases_zero() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(8, 64, 5), nn.BatchNorm2d(4000), nn.LeakyReLU())
    dcgan_normal(network)
    convolution, norm, _ = network
    assert abs(float(convolution.weight.std()) - 0.02) < 1e-3
    assert abs(float(convolution.weight.mean())) < 1e-3
    assert abs(float(norm.weight.mean()) - 1) < 1e-2
    assert abs(float(norm.weight.std()) - 0.02) < 2e-3
    assert convolution.bias.count_nonzero() == 0 == norm.bias.count_nonzero()
