"""Runs the shards of a command on a Ray cluster: `python ray_shards.py 16 s2f translate …`."""

import subprocess
import sys

import ray


@ray.remote(num_cpus=4, max_retries=3)
def run(command: list[str], shard: str) -> int:
    """Run one shard on a machine of the cluster; returns its exit code."""
    return subprocess.run([*command, "--shard", shard], stdout=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    count, command = int(sys.argv[1]), sys.argv[2:]
    ray.init()
    codes = ray.get([run.remote(command, f"{index}/{count}") for index in range(count)])
    sys.exit(max(codes))
