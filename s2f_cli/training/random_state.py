"""The random state of torch: seeded for each step, saved and restored between micro-batches."""

import torch
from torch import Tensor


def step_seed(seed: int, step: int) -> int:
    """Return torch's seed for a step of a run with a seed.

    Mixes the two numbers with the constants of SplitMix64 (Steele et al. 2014).
    """
    return (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) % 2**63


def get_random_state(device: torch.device) -> tuple[Tensor, ...]:
    """Return the random state of the CPU and, if it is another device, of the device."""
    if device.type == "cpu":
        return (torch.get_rng_state(),)
    return torch.get_rng_state(), torch.get_device_module(device).get_rng_state()


def set_random_state(device: torch.device, state: tuple[Tensor, ...]) -> None:
    """Restore a state returned by `get_random_state`."""
    torch.set_rng_state(state[0])
    if device.type != "cpu":
        torch.get_device_module(device).set_rng_state(state[1])
