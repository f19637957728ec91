"""Fréchet inception distance (FID), equal to pytorch-fid's; report A, table 1."""

from s2f_cli.evaluation.metrics._contract import SetMetric
from s2f_cli.evaluation.metrics._frechet import measure
from s2f_cli.evaluation.metrics._inception import Inception

__all__ = ["fid"]

fid = SetMetric(
    title="FID",
    better="lower",
    unit="0 and up",
    variant="mean and covariance of 2048 pooled features; biased upwards below some thousand images",
    source="Heusel et al., NeurIPS 2017; features and numbers of pytorch-fid",
    open=Inception,
    measure=measure,
    takes_weights=True,
)
