"""Weight initialisation."""

from torch import nn


def dcgan_normal(network: nn.Module) -> None:
    """Draw weights from N(0, 0.02²), scales of normalisations from N(1, 0.02²); set biases to zero.

    The initialisation of DCGAN, pix2pix and CycleGAN (Radford et al. 2015; Isola et al. 2017, appendix 6.2).
    """
    for name, parameter in network.named_parameters():
        match name.rpartition(".")[2]:
            case "weight":
                nn.init.normal_(parameter, 0.0 if parameter.ndim > 1 else 1.0, 0.02)
            case "bias":
                nn.init.zeros_(parameter)
