"""The shards of a translation on a Ray cluster, with one report."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate import merging
from s2f_cli.cli.commands.translate.output import ResultPrinter

if TYPE_CHECKING:
    from s2f_cli.cli.commands.translate.job import Job
    from s2f_cli.cli.commands.translate.naming import Naming
    from s2f_cli.cli.commands.translate.opening import Hardware
    from s2f_cli.core.shards import Shard


def translate(job: Job, model: str, hardware: Hardware, naming: Naming) -> None:
    """Translate one shard for each core or GPU of the cluster, and print what one machine would print.

    Exits 1 if an input failed. Raises MissingPart if Ray is not installed, and the error of a shard.
    """
    from s2f_cli.core import ray_cluster

    names = merging.planned(naming, job.inputs)
    records: dict[str, dict[str, Any]] = {}
    function = partial(_records, replace(job, as_json=False), model, hardware)
    with console.progress() as bar:
        task = bar.add_task("shards", total=None)
        for part in ray_cluster.run_shards(function, gpu=hardware.device != "cpu"):
            records |= {record["input"]: record for record in part}
            bar.advance(task)
    printer = ResultPrinter(job.as_json)
    printer.replay(records[name] for name in merging.in_order(names, records) if name in records)
    printer.finish()
    console.end_batch(printer.failures)


def _records(job: Job, model: str, hardware: Hardware, shard: Shard) -> list[dict[str, Any]]:
    return replace(job, shard=shard).records(model, hardware)
