"""Losses, one file each; recipes name them in `objective`.

Adversarial losses derive from `AdversarialLoss`.
"""

from s2f_cli.training.losses._adversarial import AdversarialLoss

__all__ = ["AdversarialLoss"]
