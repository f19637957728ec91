"""Write `docs/recipes.md` from the recipe files, their costs and their scores.

Costs are in `recipe_costs.toml`, as printed by `python tests/benchmarks/recipe_costs.py`; scores are in
`recipe_results.toml`. Missing values become dashes.
"""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from s2f_cli.models import recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes.schema import Part, Ramp, Recipe, Stage

FOLDER = Path(__file__).parent
MISSING = "–"

OPENING = """# Recipes

`s2f train NAME` trains a recipe on `./data`. `s2f recipes show NAME > mine.toml` copies it, as a start for
your own.

`--set KEY=VALUE` overrides a key: `--set networks.to_face.part=resnet` replaces a network,
`--set objective.adversarial.part=hinge` a loss. An invalid recipe is refused before training starts, with a
one-line error that lists valid values.

The reports A to E are introduced in [Reproduction](reproduction/index.md). "Ours" are scores of s2f's own
trainings.

`python docs/generate.py` writes this page from the recipe files.
"""


def catalogue() -> str:
    """The page as Markdown."""
    costs, results = (_data(f"recipe_{kind}.toml") for kind in ("costs", "results"))
    every = [recipes.read(name) for name in recipes.names()]
    rows = [[f"[{r.name}](#{r.name})", r.title, r.source] for r in every]
    sections = [
        _section(r, costs["recipes"].get(r.name, {}), results["recipes"].get(r.name, {}), results["machine"])
        for r in every
    ]
    return "\n".join([OPENING, _table(("recipe", "description", "source"), rows), _costs(costs), *sections])


def _data(name: str) -> dict[str, Any]:
    file = FOLDER / name
    data = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {"machine": "", "recipes": {}} | data


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()) -> str:
    """A Markdown table; the columns named in `numbers` are aligned right."""
    rules = ["---:" if column in numbers else "---" for column in columns]
    return "\n".join("| " + " | ".join(row) + " |" for row in (columns, rules, *rows))


def _costs(costs: dict[str, Any]) -> str:
    measured = ("CPU s/step", "peak GB", "million parameters", "batch", "precision")
    columns = ("recipe", *measured)
    rows = []
    for name in recipes.names():
        cost, batch = costs["recipes"].get(name), recipes.read(name).stages[-1].batch_size
        if cost:
            numbers = (f"{cost['cpu_seconds_per_step']:.2f}", f"{cost['peak_gigabytes']:.1f}")
            trained = (f"{cost['parameters_millions']:.1f}", str(batch))
            rows.append([name, *numbers, *trained, cost["precision"]])
        else:
            rows.append([name, *[MISSING] * 3, str(batch), MISSING])
    return (
        "\n## Costs\n\nThe mean cost of a training step at the recipe's own image and batch size, over 50 "
        "steps on real images. Of recipes with several stages, the last stage is measured. Only trained "
        f"parameters are counted. {costs['machine']}\n\n"
        + _table(columns, rows, [c for c in columns if c not in ("recipe", "precision")])
        + "\n"
    )


def _section(recipe: Recipe, cost: dict[str, Any], result: dict[str, Any], machine: str) -> str:
    with torch.device("meta"):
        networks = build_networks(recipe)
    roles = [
        [role, table.part, f"{sum(p.numel() for p in networks[role].parameters()):,}", _options(table)]
        for role, table in recipe.networks.items()
    ]
    image = recipe.image
    sizes = ", ".join(
        f"{domain} {image.side(domain)}×{image.side(domain)}×{image.channels[domain]}"
        for domain in image.channels
    )
    per_step = f"{cost['cpu_seconds_per_step']:.2f} CPU seconds per step" if cost else "cost not measured"
    chosen = [f"{name} ({', '.join(label.labels)})" for name, label in recipe.conditions.labels.items()]
    chosen += [f"{name} (a colour)" for name in recipe.conditions.colours]
    conditions = f" · conditions: {', '.join(chosen)}" if chosen else ""
    lines = [
        f"\n## {recipe.name}\n",
        f"{recipe.title}. {recipe.source}.\n",
        f"`s2f train {recipe.name}` · images: {sizes}, {image.fit} · {per_step}{conditions}\n",
        _table(("role", "network", "parameters", "options"), roles, ["parameters"]),
        "",
        *(_stage(stage) for stage in recipe.stages),
    ]
    scores = list(_scores(recipe, result))
    if scores:
        columns = ("where", "to", "measure", "report", "ours")
        lines += [_table(columns, scores, ["report", "ours"]), ""]
    if result:
        commands = ", ".join(f"`{command}`" for command in result["commands"])
        lines += [f"Ours: {commands}. {result.get('note', '')} {machine}".strip() + "\n"]
    return "\n".join(lines)


def _scores(recipe: Recipe, result: dict[str, Any]) -> Iterator[list[str]]:
    """A row for each number printed by the report, then for each of ours without one."""
    ours = {
        (direction, measure): value
        for direction in ("face", "sketch", "model")
        for measure, value in result.get(direction, {}).items()
    }
    reported = set()
    for row in recipe.reported:
        direction = str(row.get("direction", "model"))
        to = MISSING if direction == "model" else direction
        for measure, value in row.items():
            if measure not in ("where", "direction"):
                reported.add((direction, measure))
                ours_here = _number(ours.get((direction, measure)))
                yield [str(row.get("where", "")), to, measure, f"{value:g}", ours_here]
    for (direction, measure), value in ours.items():
        if (direction, measure) not in reported:
            yield [MISSING, direction, measure, MISSING, _number(value)]


def _number(value: float | None) -> str:
    return MISSING if value is None else f"{value:g}"


def _options(table: Part) -> str:
    return ", ".join(f"{key} {value}" for key, value in (table.model_extra or {}).items())


def _stage(stage: Stage) -> str:
    length = f"{stage.steps} steps" if stage.epochs is None else f"{stage.epochs} epochs"
    losses = ", ".join(
        f"{key} = {value['part']}" if isinstance(value, dict) else f"{key} = {value}"
        for key, value in (stage.objective.model_extra or {}).items()
    )
    weights = ", ".join(
        f"{term} {w.value:g} from step {w.start} over {w.ramp}" if isinstance(w, Ramp) else f"{term} {w:g}"
        for term, w in stage.weights.items()
    )
    players = ", ".join(
        f"{name} (Adam, learning rate {player.learning_rate:g}, {player.schedule.part})"
        for name, player in stage.players.items()
    )
    augmentations = "".join(f", {table.part}" for table in stage.data.augment)
    return (
        f"Stage {stage.name}: {length}, batches of {stage.batch_size}, {stage.data.pairing}{augmentations}. "
        f"Objective `{stage.objective.part}`{f' ({losses})' if losses else ''}. "
        f"Weights: {weights or 'none'}. Players: {players or 'none'}.\n"
    )
