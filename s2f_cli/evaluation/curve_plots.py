"""Plot the logged curves of runs, one chart per curve, to an SVG or HTML file."""

from collections.abc import Sequence
from pathlib import Path

from s2f_cli.core import registry
from s2f_cli.core.errors import RunError
from s2f_cli.core.files import atomic_write
from s2f_cli.evaluation import charts, pages
from s2f_cli.training.curves import Curves, by_curve

SUFFIXES = (".svg", ".html")


def plot(runs: Sequence[Path], output: Path, only: str = "") -> None:
    """Plot the curves with `only` in their name, with one line for each run folder.

    Raises RunError if the output is neither .svg nor .html, a run has no log, or nothing can be plotted.
    """
    if output.suffix not in SUFFIXES:
        raise RunError(
            f"cannot plot to {output}: the format must be .svg or .html", "choose another --output"
        )
    curves = by_curve({run.name: Curves.of(run) for run in runs})
    plotted = [charts.curves(lines, name) for name, lines in curves.items() if only in name]
    drawn = [chart for chart in plotted if chart is not None]
    if not plotted:
        raise RunError(
            f"there is no curve with {only!r} in its name", registry.did_you_mean(only, sorted(curves))
        )
    if not drawn:
        raise RunError("no curve has two points to draw a line through", "train for longer")
    if output.suffix == ".svg":
        text = charts.sheet(drawn)
    else:
        names = [run.name for run in runs]
        text = pages.render("curves.html.jinja", title="Runs", charts=drawn, runs=names)
    atomic_write(output, text.encode("utf-8", "backslashreplace"))
