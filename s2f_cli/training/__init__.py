"""Training: the loop, what watches over it, and how a batch is cut into parts."""

from s2f_cli.training.compute import ComputeConfig, Precision
from s2f_cli.training.loop import StepResult, Training

__all__ = ["ComputeConfig", "Precision", "StepResult", "Training"]
