"""Checks before the first training: rows that could not be scored in the end are refused at the start."""

from collections.abc import Sequence
from pathlib import Path

import torch

from s2f_cli.benchmark.plan import METRICS, DataSet, Plan, Row
from s2f_cli.core.errors import DataError, RecipeError, RunError
from s2f_cli.data.manifest import Manifest
from s2f_cli.evaluation import ground_truth, protocols, selection
from s2f_cli.evaluation.ground_truth import GroundTruth
from s2f_cli.evaluation.scoring import find_metrics
from s2f_cli.evaluation.subjects import ModelSubject
from s2f_cli.inference.torch_engine import TorchEngine
from s2f_cli.inference.translator import Translator
from s2f_cli.models import locate, recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card
from s2f_cli.models.domains import other
from s2f_cli.training import validate
from s2f_cli.training.resume import without_length
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_settings import SETTINGS


def open_data(folder: Path, named: Sequence[str], metrics: Sequence[str]) -> DataSet:
    """A data set with its protocol: the one of `named` that it meets, or of all protocols without names.

    Without metrics, those of `METRICS` and of the protocol are measured. Raises DataError if the data set
    meets none of the named protocols, or several; MissingPart for an unknown metric.
    """
    manifest = Manifest.read(folder)
    candidates = [protocols.find(name) for name in named or protocols.names()]
    met = [protocol for protocol in candidates if not protocol.mismatches(manifest)]
    if named and not met:
        reasons = "; ".join(f"{p.name} has {', '.join(p.mismatches(manifest))}" for p in candidates)
        raise DataError(f"{folder} meets no protocol: {reasons}", "leave out --protocol, or name another")
    if len(met) > 1:
        names = ", ".join(protocol.name for protocol in met)
        raise DataError(f"{folder} meets several protocols: {names}", "choose one with --protocol")
    protocol = met[0] if met else None
    chosen = metrics or dict.fromkeys((*METRICS, *(protocol.metrics if protocol else ())))
    name = folder.name or folder.resolve().name
    measured = tuple(find_metrics(list(chosen)))
    return DataSet(name, folder, protocol.name if protocol else None, measured, manifest.digest())


def truth_of(data: DataSet) -> GroundTruth:
    """The test pairs of a data set."""
    rules = protocols.find(data.protocol) if data.protocol else None
    return ground_truth.of_data(data.folder, "test", rules)


def check_folder(folder: Path) -> None:
    """Raise DataError for a folder with the page of something else: nothing of a benchmark is beside it."""
    page = folder / "index.html"
    if page.exists() and not any((folder / name).exists() for name in ("results.json", "scores", "runs")):
        problem = f"{page} is not the page of a benchmark, so s2f does not replace it"
        raise DataError(problem, "choose another folder with --output")


def check(plan: Plan, row: Row, truth: GroundTruth) -> None:
    """Raise S2FError if a row cannot be trained or scored, or if its run has other settings.

    Builds the networks without their weights.
    """
    rules = protocols.find(row.data.protocol) if row.data.protocol else None
    frame = rules.frame if rules else None
    if row.system.kind == "results":
        selection.select([Path(row.system.source)], truth, to=plan.to_of(row), frame=frame)
        return
    if row.system.kind == "model":
        locate.locate(row.system.source)
        return
    recipe = recipes.read(row.system.source, row.system.overrides)
    run = plan.run(row)
    if (run / SETTINGS).exists():
        settings = Run.open(run).settings
        same = without_length(settings.recipe) == without_length(recipe)
        if not same or settings.data_digest != row.data.digest:
            raise RunError(
                f"{run} has another recipe or data set",
                "choose another --output, or delete the run",
            )
        return
    validate.check(recipe)
    if not recipe.directions:
        raise RecipeError(f"{row.system.name} does not translate, so it cannot be scored", "leave it out")
    with torch.device("meta"):
        networks = build_networks(recipe)
    card = Card(recipe=recipe, step=0, seed=0, data="", data_digest="")
    translator = Translator(TorchEngine(networks, recipe, "meta"), card)
    for to in [plan.to] if plan.to else translator.directions:
        ModelSubject(row.system.name, translator, (other(to), to), truth, frame)
