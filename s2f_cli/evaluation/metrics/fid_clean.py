"""Fréchet inception distance with images resized as clean-fid does.

G. Parmar, R. Zhang, J.-Y. Zhu: On aliased resizing and surprising subtleties in GAN evaluation, CVPR 2022.
"""

from s2f_cli.evaluation.metrics._contract import SetMetric
from s2f_cli.evaluation.metrics._frechet import measure
from s2f_cli.evaluation.metrics._inception import CleanInception

__all__ = ["fid_clean"]

fid_clean = SetMetric(
    title="FID clean",
    better="lower",
    unit="0 and up",
    variant="mean and covariance of 2048 pooled features; biased upwards below some thousand images",
    source="Heusel et al., NeurIPS 2017; resizing of Parmar et al., CVPR 2022",
    open=CleanInception,
    measure=measure,
    takes_weights=True,
)
