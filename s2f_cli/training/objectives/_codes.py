"""What objectives over VAEs have in common: a way through a chain that shows the code."""

from collections.abc import Sequence

from torch import Tensor

from s2f_cli.models.roles import Networks


def through(nets: Networks, chain: Sequence[str], image: Tensor) -> tuple[Tensor, Tensor]:
    """What a chain makes of images, and the code (means and log variances) that its first role encodes them
    to.
    """
    first, *rest = chain
    code = nets[first](image)
    return nets.run_chain(rest, code), code
