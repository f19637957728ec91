"""Storing the training pairs, for models without gradients (LLE: Liu et al. 2005; report E, table 1)."""

from collections.abc import Iterator

from s2f_cli.models.networks import Memorizer
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move

__all__ = ["memorize"]


def memorize(nets: Networks, batch: Batch) -> Iterator[Move]:
    """Pass the pairs of the batch to the single role of each direction, which stores them.

    There are no players and no terms. The batch must be paired. Raises ValueError for a network that does not
    store pairs.
    """
    for to, (role,) in nets.directions.items():
        network = nets[role]
        if not isinstance(network, Memorizer):
            raise ValueError(f"{role} is trained by gradients; it does not memorize pairs")
        network.fit(batch.source(to), batch.target(to))
    yield from ()
