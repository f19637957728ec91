"""Training: the loop, what watches over it, and how a batch is cut into parts."""

from s2f_cli.training.loop import Report, Training
from s2f_cli.training.settings import Arithmetic, Precision

__all__ = ["Arithmetic", "Precision", "Report", "Training"]
