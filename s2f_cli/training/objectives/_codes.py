"""The chain of a VAE, shared by the objectives of report A."""

from collections.abc import Sequence

from torch import Tensor

from s2f_cli.models.roles import Networks


def run_chain_with_code(nets: Networks, chain: Sequence[str], image: Tensor) -> tuple[Tensor, Tensor]:
    """Run a chain of roles; return its images (N, C, H, W), and the code of its first role, the encoder.

    The code is (N, 2 · latent, …): means, then log variances.
    """
    encoder, *rest = chain
    code = nets[encoder](image)
    return nets.run_chain(rest, code), code
