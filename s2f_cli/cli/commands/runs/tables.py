"""What `s2f runs` shows."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from s2f_cli.cli import console
from s2f_cli.core import images
from s2f_cli.core.errors import RunError, S2FError
from s2f_cli.core.files import atomic_write
from s2f_cli.evaluation.charts import curves as svg
from s2f_cli.training.curves import Curves, by_curve, draw
from s2f_cli.training.run_folder import Run

_PAGE = """<!doctype html><meta charset="utf-8"><title>runs</title>
<style>body{font:14px sans-serif;margin:2em}main{display:grid;grid-template-columns:1fr 1fr;gap:1em}
figure{margin:0}svg{width:100%}text{font-size:9px}.axis{stroke:#b0b4ba}</style>
<h1>Runs</h1><main>"""


def overview(folder: Path, as_json: bool) -> None:
    """All runs below a folder, those of sweeps too; a broken one is named and passed over."""
    rows, failures = [], {}
    for file in sorted(folder.rglob("run.json")):
        try:
            rows.append(_row(file.parent, folder))
        except S2FError as problem:
            failures[str(file.parent)] = problem.message
    if not rows and not failures:
        raise RunError(f"there are no runs in {folder}", "start one with `s2f train RECIPE`")
    if as_json:
        console.print_json(rows)
    else:
        columns = ("run", "recipe", "step", "seed", "data")
        cells = [(*(str(row[column]) for column in columns), _values(row)) for row in rows]
        console.out.print(console.table("", (*columns, "last values"), cells, numbers=False))
    console.end_batch(failures)


def _row(run: Path, folder: Path) -> dict[str, object]:
    settings = Run.open(run).settings
    curves = Curves.of(run) if (run / "log.jsonl").exists() else Curves()
    step = max((points[-1][0] for points in curves.values()), default=0)
    return {
        "run": str(run.relative_to(folder)),
        "recipe": settings.recipe.name,
        "step": int(step),
        "seed": settings.seed,
        "precision": settings.precision,
        "data": settings.data,
        "last": curves.last(),
    }


def _values(row: dict[str, object]) -> str:
    last = row["last"]
    assert isinstance(last, dict)
    return "\n".join(f"{name.rpartition('/')[2]} {value:.4g}" for name, value in last.items())


def differences(folders: Sequence[Path]) -> None:
    """The settings that are not the same in all runs, then the last values of each."""
    found = [(Run.open(folder), Curves.of(folder).last()) for folder in folders]
    settings = [run.settings.hyperparameters() | {"data": run.settings.data_digest[:12]} for run, _ in found]
    keys = list(dict.fromkeys(key for each in settings for key in each))
    rows = [
        (key, *(str(each.get(key, "-")) for each in settings))
        for key in keys
        if len({each.get(key) for each in settings}) > 1
    ]
    names = list(dict.fromkeys(name for _, last in found for name in last))
    rows += [(name, *(f"{last[name]:.4g}" if name in last else "-" for _, last in found)) for name in names]
    console.out.print(console.table("", ("", *(folder.name for folder in folders)), rows))


def plotted(folders: Sequence[Path], output: Path, only: str) -> None:
    """Write the curves of runs to a .png or .html file; raises RunError where there is nothing to draw."""
    panels = {
        name: lines
        for name, lines in by_curve({folder.name: Curves.of(folder) for folder in folders}).items()
        if only in name
    }
    if not panels:
        raise RunError(f"there is no curve with {only!r} in its name", "leave out --only")
    if output.suffix == ".html":
        figures = "".join(svg(lines, name) for name, lines in panels.items())
        names = ", ".join(escape(folder.name) for folder in folders)
        atomic_write(output, f"{_PAGE}{figures}</main><p>{names}</p>\n")
    elif output.suffix == ".png":
        images.write(draw(panels), output)
    else:
        raise RunError(f"{output} is neither .png nor .html", "choose one of them with --output")
