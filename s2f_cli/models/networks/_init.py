"""How weights start."""

from torch import nn


def normal(network: nn.Module) -> None:
    """The start of DCGAN, pix2pix and CycleGAN: weights from N(0, 0.02²), biases zero.

    Scales of normalisations are drawn from N(1, 0.02²) (Radford et al. 2015; Isola et al. 2017, appendix
    6.2).
    """
    for module in network.modules():
        weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
        if weight is not None:
            nn.init.normal_(weight, 0.0 if weight.ndim > 1 else 1.0, 0.02)
            if bias is not None:
                nn.init.zeros_(bias)
