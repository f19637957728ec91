"""`torchrun --standalone --nproc-per-node 2 PROGRAM …`, with processes that need not import torch again."""

import gc
import runpy
import sys
from uuid import uuid4

import torch._dynamo
import torch.utils.tensorboard  # noqa: F401
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from s2f_cli.evaluation import scored_training  # noqa: F401


def run(*words: str) -> None:
    """Run a program in this process."""
    sys.argv = list(words)
    runpy.run_path(words[0], run_name="__main__")


gc.freeze()
config = LaunchConfig(
    min_nodes=1,
    max_nodes=1,
    nproc_per_node=2,
    run_id=uuid4().hex,
    rdzv_backend="c10d",
    rdzv_endpoint="localhost:0",
    max_restarts=0,
    start_method="fork",
)
elastic_launch(config, run)(*sys.argv[1:])
