"""Fréchet distance between sets of faces, as dlib's face embedding sees them.

It is the FID with another network, for places without the weights of Inception. Values of the two are not
comparable.
"""

from s2f_cli.evaluation.metrics._contract import SetMetric
from s2f_cli.evaluation.metrics._embedding import Embedding
from s2f_cli.evaluation.metrics._frechet import measure

__all__ = ["fd_face"]

fd_face = SetMetric(
    title="Face Fréchet distance",
    better="lower",
    unit="0 and up",
    variant="mean and covariance of 128 numbers of each face; undefined where no face is found; "
    "biased upwards for few images",
    source="Heusel et al., NeurIPS 2017, equation 6; D. King, dlib's face recognition model, 2017",
    open=Embedding,
    measure=measure,
)
