"""`docs/recipes.md`, made from the recipe files and the costs that were measured (`recipe_costs.toml`)."""

import tomllib
from pathlib import Path

import torch

from s2f_cli import recipe
from s2f_cli.console import markdown
from s2f_cli.recipe_tables import Part, Ramp, Recipe, Stage

COSTS = Path(__file__).parent / "recipe_costs.toml"
"""What `python tests/benchmarks/recipe_costs.py DATA` printed; a recipe that it lacks has no cost yet."""

OPENING = """# Recipes

`s2f train NAME` trains one on `./data`; `s2f recipes show NAME > mine.toml` starts your own from it, and
`--set KEY=VALUE` overrides a key: `--set networks.to_face.part=resnet` swaps a network,
`--set objective.adversarial.part=hinge` a loss. What cannot be trained is refused before it starts, in one
line that names what would do. This page is made from the recipe files by `python docs/generate.py`.
"""


def catalogue() -> str:
    """The whole page."""
    costs = tomllib.loads(COSTS.read_text(encoding="utf-8")) if COSTS.exists() else {}
    read = [recipe.read(name) for name in recipe.names()]
    rows = [[f"[{r.name}](#{r.name})", r.title, r.source] for r in read]
    sections = [_section(r, costs.get("recipes", {}).get(r.name)) for r in read]
    machine = f"\nCosts: {costs['machine']}.\n" if costs else ""
    return "\n".join([OPENING + machine, markdown(("recipe", "what it is", "source"), rows), *sections])


def _section(read: Recipe, cost: dict[str, float] | None) -> str:
    with torch.device("meta"):
        networks = recipe.build(read)
    roles = [
        [role, table.part, f"{sum(p.numel() for p in networks[role].parameters()):,}", _options(table)]
        for role, table in read.networks.items()
    ]
    image = read.image
    sizes = ", ".join(
        f"{domain} {image.side(domain)}×{image.side(domain)}×{image.channels[domain]}"
        for domain in image.channels
    )
    lines = [
        f"\n## {read.name}\n",
        f"{read.title}. {read.source}.\n",
        f"`s2f train {read.name}` · images: {sizes}, {image.fit}\n",
        markdown(("role", "network", "parameters", "options"), roles),
        "",
        *(_stage(stage) for stage in read.stages),
    ]
    if cost:
        lines.append(
            f"Cost: {cost['seconds_per_step']:.2f} s a step, {cost['peak_gigabytes']:.1f} GB at most, "
            f"{cost['parameters_millions']:.1f} million parameters trained.\n"
        )
    if read.reported:
        lines += ["The report prints:\n", *(f"- {_numbers(row)}" for row in read.reported), ""]
    return "\n".join(lines)


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
    players = "; ".join(
        f"{name}: {player.optimizer} {player.learning_rate:g}, {player.schedule.part}"
        for name, player in stage.players.items()
    )
    return (
        f"Stage {stage.name}: {length}, batches of {stage.batch_size}, {stage.data.pairing}. Objective "
        f"`{stage.objective.part}`{f' ({losses})' if losses else ''}. Weights: {weights or 'none'}. "
        f"{players or 'Nobody is trained'}.\n"
    )


def _numbers(row: dict[str, object]) -> str:
    told = [f"{key} {value}" for key, value in row.items() if key not in ("where", "direction")]
    aim = f", to {row['direction']}" if "direction" in row else ""
    return f"{row.get('where', '')}{aim}: {', '.join(told)}"
