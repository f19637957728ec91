"""Phase congruency, on which FSIM is built.

P. Kovesi: Image features from phase congruency, Videre 1(3), 1999; the settings of FSIM's authors: 4 scales
from 6 pixels upwards, 4 orientations.
"""

import math
from functools import lru_cache

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
    """The phase congruency (N, H, W) of gray images (N, H, W) in [0, 255]."""
    filters, noise_gains = _filter_bank(*images.shape[-2:])
    spectrum = torch.fft.fft2(images)
    energies = amplitudes = torch.zeros(())
    for bank, noise_gain in zip(filters, noise_gains, strict=True):
        responses = torch.fft.ifft2(spectrum[:, None] * bank)
        amplitude = responses.abs()
        smallest = amplitude[:, 0].square().flatten(1)
        noise = smallest.median(dim=1).values + smallest.kthvalue(smallest.shape[1] // 2 + 1).values
        noise = noise / (2 * math.log(2)) * noise_gain
        energy = (_energy(responses) - _noise_threshold(noise)[:, None, None]).clamp(min=0)
        energies = energies + energy
        amplitudes = amplitudes + amplitude.sum(dim=1)
    return energies / amplitudes


def _energy(responses: torch.Tensor) -> torch.Tensor:
    """Amplitude times (cos - |sin|) of the deviation from the mean phase, summed over scales (N, S, H, W)."""
    total = responses.sum(dim=1)
    strength = total.abs() + _EPSILON
    even, odd = total.real / strength, total.imag / strength
    along = total.real * even + total.imag * odd
    across = responses.real * odd[:, None] - responses.imag * even[:, None]
    return along - across.abs().sum(dim=1)


def _noise_threshold(power: torch.Tensor) -> torch.Tensor:
    tau = power.sqrt()
    expected = tau * math.sqrt(math.pi / 2)
    deviation = tau * math.sqrt(2 - math.pi / 2)
    return (expected + _NOISE_DEVIATIONS * deviation) / _NOISE_RESCALING


@lru_cache(maxsize=4)
def _filter_bank(height: int, width: int) -> tuple[torch.Tensor, list[float]]:
    """Log-Gabor filters (orientation, scale, H, W) in the frequency plane; each orientation's noise gain."""
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
        turned = angle - number * math.pi / _ORIENTATIONS
        distance = torch.atan2(turned.sin(), turned.cos())
        bank = radial * torch.exp(-distance.square() / (2 * _ANGULAR_SIGMA**2))
        banks.append(bank)
        kernels = torch.fft.ifft2(bank).real * math.sqrt(height * width)
        gains.append((kernels.sum(dim=0).square().sum() / bank[0].square().sum()).item())
    return torch.stack(banks).float(), gains


def _frequencies(count: int) -> torch.Tensor:
    """Frequencies in FFT order; an odd count is normalised by count - 1, as in the original."""
    half = count // 2
    centred = torch.arange(-half, count - half, dtype=torch.float64) / (count - count % 2)
    return torch.fft.ifftshift(centred)
