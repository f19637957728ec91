"""Phase congruency, the feature of FSIM.

P. Kovesi: Image features from phase congruency, Videre 1(3), 1999, with the settings of FSIM's authors: 4
scales from 6 pixels up, 4 orientations.
"""

import math
from functools import lru_cache

import numpy as np
import torch

_SCALES = 4
_ORIENTATIONS = 4
_SHORTEST = 6.0
_BANDWIDTH = 0.55
_ANGULAR_SIGMA = math.pi / _ORIENTATIONS / 1.2
_NOISE_DEVIATIONS = 2.0
_NOISE_RESCALING = 1.7
_EPSILON = 1e-4


def phase_congruency(images: torch.Tensor) -> torch.Tensor:
    """The phase congruency (N, H, W), in [0, 1], of gray images (N, H, W) in [0, 255]."""
    filters, noise_gains = _filter_bank(*images.shape[-2:])
    spectrum = torch.view_as_real(torch.fft.fft2(images))[:, None]
    energies = amplitudes = torch.zeros(())
    for bank, noise_gain in zip(filters, noise_gains, strict=True):
        responses = torch.fft.ifft2(torch.view_as_complex(spectrum * bank))
        powers = responses.real.square() + responses.imag.square()
        noise = _median(powers[:, 0]) / math.log(2) * noise_gain
        energy = (_energy(responses) - _noise_threshold(noise)[:, None, None]).clamp_(min=0)
        energies = energies + energy
        amplitudes = amplitudes + powers.sqrt_().sum(dim=1)
    return energies / amplitudes


def _median(values: torch.Tensor) -> torch.Tensor:
    """The median (N,) of each image (N, H, W): the mean of the middle two values if the count is even."""
    flat = values.flatten(1).numpy()
    middle = [(flat.shape[1] - 1) // 2, flat.shape[1] // 2]
    return torch.from_numpy(np.partition(flat, middle, axis=1)[:, middle].mean(axis=1))


def _energy(responses: torch.Tensor) -> torch.Tensor:
    """Amplitude · (cos - |sin|) of the deviation from the mean phase, summed over scales.

    Takes complex responses (N, scale, H, W), returns (N, H, W).
    """
    even, odd = torch.view_as_real(responses).unbind(dim=-1)
    total_even, total_odd = even.sum(dim=1), odd.sum(dim=1)
    strength = (total_even.square() + total_odd.square()).sqrt_() + _EPSILON
    mean_even, mean_odd = total_even / strength, total_odd / strength
    along = total_even * mean_even + total_odd * mean_odd
    across = even * mean_odd[:, None] - odd * mean_even[:, None]
    return along - across.abs_().sum(dim=1)


def _noise_threshold(power: torch.Tensor) -> torch.Tensor:
    tau = power.sqrt()
    expected = tau * math.sqrt(math.pi / 2)
    deviation = tau * math.sqrt(2 - math.pi / 2)
    return (expected + _NOISE_DEVIATIONS * deviation) / _NOISE_RESCALING


@lru_cache(maxsize=4)
def _filter_bank(height: int, width: int) -> tuple[torch.Tensor, list[float]]:
    """Log-Gabor filters (orientation, scale, H, W, 2) in the frequency domain, and orientations' noise gains.

    The last axis repeats each value for the real and the imaginary part.
    """
    down, across = _frequencies(height)[:, None], _frequencies(width)[None, :]
    radius = torch.hypot(down, across)
    angle = torch.atan2(-down, across)
    low_pass = 1 / (1 + (radius / 0.45) ** 30)
    radius[0, 0] = 1
    waves = [_SHORTEST * 2**scale for scale in range(_SCALES)]
    spread = 2 * math.log(_BANDWIDTH) ** 2
    radial = low_pass * torch.stack([torch.exp(-(radius * wave).log().square() / spread) for wave in waves])
    radial[:, 0, 0] = 0
    banks, gains = [], []
    for number in range(_ORIENTATIONS):
        rotated = angle - number * math.pi / _ORIENTATIONS
        distance = torch.atan2(rotated.sin(), rotated.cos())
        bank = radial * torch.exp(-distance.square() / (2 * _ANGULAR_SIGMA**2))
        banks.append(bank)
        kernels = torch.fft.ifft2(bank).real * math.sqrt(height * width)
        gains.append((kernels.sum(dim=0).square().sum() / bank[0].square().sum()).item())
    return torch.stack(banks).float()[..., None].expand(*[-1] * 4, 2).contiguous(), gains


def _frequencies(count: int) -> torch.Tensor:
    """Frequencies in FFT order; odd counts are normalised by count - 1, as in the original code."""
    half = count // 2
    centred = torch.arange(-half, count - half, dtype=torch.float64) / (count - count % 2)
    return torch.fft.ifftshift(centred)
