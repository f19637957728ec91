"""Feature similarity (FSIM), with and without colour.

L. Zhang, L. Zhang, X. Mou, D. Zhang: FSIM: a feature similarity index for image quality assessment, IEEE TIP
20(8), 2011. Scores equal those of the authors' MATLAB code.
"""

import torch

from s2f_cli.evaluation.metrics._gradients import gradient, shrink, similarity
from s2f_cli.evaluation.metrics._phase import phase_congruency

SOURCE = "Zhang, Zhang, Mou, Zhang, IEEE TIP 20(8), 2011"
_SCHARR = (3 / 16, 10 / 16, 3 / 16)
_CONGRUENCY, _GRADIENT, _COLOUR = 0.85, 160.0, 200.0
_COLOUR_WEIGHT = 0.03
_YIQ = ((0.299, 0.587, 0.114), (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))


def fsim_of(generated: torch.Tensor, reference: torch.Tensor, *, colour: bool) -> torch.Tensor:
    """FSIM (equation 7), or FSIMc (equation 14) with `colour`, of pairs (N, 1 or 3, H, W) in [0, 1].

    Returns (N,) float64. Gray pairs have no colour term.
    """
    count, channels, height, width = generated.shape
    images = torch.cat([generated, reference]) * 255
    if channels == 3:
        images = torch.einsum("ij,njhw->nihw", torch.tensor(_YIQ), images)
    factor = max(1, int(min(height, width) / 256 + 0.5))
    images = shrink(images, factor)
    luminance = images[:, :1]
    congruency, other_congruency = phase_congruency(luminance[:, 0]).split(count)
    gradients, other_gradients = gradient(luminance, _SCHARR)[:, 0].split(count)
    similarities = similarity(congruency, other_congruency, _CONGRUENCY)
    similarities = similarities * similarity(gradients, other_gradients, _GRADIENT)
    if colour and channels == 3:
        first, second = images[:, 1:].split(count)
        chroma = similarity(first, second, _COLOUR).prod(dim=1)
        phase = (_COLOUR_WEIGHT * torch.pi * (chroma < 0)).cos()
        similarities = similarities * chroma.abs() ** _COLOUR_WEIGHT * phase
    weight = torch.maximum(congruency, other_congruency)
    total = weight.double().sum(dim=(1, 2))
    return ((similarities * weight).double().sum(dim=(1, 2)) / total).clamp(0, 1)
