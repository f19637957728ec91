"""An evaluation as one HTML page that needs no other file."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from s2f_cli.core.version import __version__
from s2f_cli.evaluation import tables
from s2f_cli.evaluation.charts import curves, histogram
from s2f_cli.evaluation.gallery import Gallery
from s2f_cli.evaluation.metrics._contract import Metric, PairMetric
from s2f_cli.evaluation.results import EvaluationResult

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 78rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-top: 1px solid var(--line);
padding-top: 1rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; } code { overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums;
font-size: .9rem; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: Canvas; }
b { font-weight: 700; } tr.printed td, tr.control td, tr.mean td { font-style: italic; color: GrayText; }
ul { padding-left: 1.2rem; font-size: .9rem; } .figures, .sheet { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; } svg { width: 290px; height: auto; font: 10px system-ui, sans-serif; }
svg text:not([fill]) { fill: currentColor; } .mean { stroke: #c2571a; stroke-width: 1.5; }
.axis { stroke: currentColor; opacity: .5; } figcaption { font-size: .85rem; }
.trio { display: flex; gap: 2px; } .trio div { text-align: center; }
.trio img { display: block; width: 128px; height: 128px; object-fit: contain; background: var(--soft); }
.trio small { opacity: .7; } dl { display: grid; grid-template-columns: max-content auto; gap: .1rem 1rem; }
dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
"""


def html_report(
    rows: Sequence[EvaluationResult],
    metrics: Mapping[str, Metric],
    *,
    by: Sequence[str] = (),
    command: str = "",
) -> str:
    """The page: the table, then for each measured row its histograms, sheets, groups, curves and provenance.

    `galleries` holds the pictures of each row, None for rows that have none.
    """
    sections = [_section(row, metrics, row.gallery, by) for row in rows if row.kind == "measured"]
    title = "s2f evaluate"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p><code>{escape(command)}</code></p>{_table(rows, metrics)}"
        f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in tables.legend(rows, metrics))}</ul>"
        f"{''.join(sections)}<p><small>s2f {__version__}</small></p></html>\n"
    )


def _table(rows: Sequence[EvaluationResult], metrics: Mapping[str, Metric]) -> str:
    mark = "\0"
    lines = tables.cells(rows, metrics, (mark, mark))
    body = "".join(
        f'<tr class="{row.kind}">' + "".join(f"<td>{_cell(text, mark)}</td>" for text in line) + "</tr>"
        for row, line in zip(rows, lines, strict=True)
    )
    return _framed(tables.columns(rows, metrics), body)


def _cell(text: str, mark: str) -> str:
    inner = escape(text.strip(mark))
    return f"<b>{inner}</b>" if text.startswith(mark) else inner


def _framed(heads: Sequence[str], body: str) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _section(
    row: EvaluationResult, metrics: Mapping[str, Metric], gallery: Gallery | None, by: Sequence[str]
) -> str:
    parts = [f"<h2>{escape(f'{row.name} {row.direction}'.strip())}</h2>"]
    figures = "".join(
        histogram([found[name] for found in row.scores.per_image.values() if name in found], metric.title)
        for name, metric in metrics.items()
    )
    parts.append(f'<div class="figures">{figures}</div>')
    for attribute in by:
        heads, lines = tables.breakdown(row, metrics, attribute)
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in line)}</tr>" for line in lines)
        parts.append(f"<h3>by {escape(attribute)}</h3>{_framed(heads, body)}")
    leading = next((name for name, metric in metrics.items() if isinstance(metric, PairMetric)), None)
    if gallery and leading:
        parts.append(_sheets(row, metrics[leading], leading, gallery))
    parts.append(_training(Path(row.name)))
    facts = {"scored on": row.data, **row.provenance}
    facts |= {f"left out: {name}": reason for name, reason in row.left_out.items()}
    facts |= {f"{name} failed": problem.message for name, problem in row.scores.failed.items()}
    entries = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items() if v)
    parts.append(f"<h3>Provenance</h3><dl>{entries}</dl>")
    return "".join(parts)


def _sheets(row: EvaluationResult, metric: Metric, name: str, gallery: Gallery) -> str:
    scores = {image: found[name] for image, found in row.scores.per_image.items() if name in found}
    parts = []
    for title, entries in gallery.pick(scores, best_first=metric.better == "higher").items():
        parts.append(f'<h3>{title} by {escape(metric.title)}</h3><div class="sheet">')
        for image, value in entries:
            shown = "".join(
                f'<div><img src="data:image/jpeg;base64,{content}" alt="{what}"><small>{what}</small></div>'
                for what, content in gallery.thumbnails(image).items()
            )
            caption = f"{escape(image)} · {value:.4g}"
            parts.append(
                f'<figure><div class="trio">{shown}</div><figcaption>{caption}</figcaption></figure>'
            )
        parts.append("</div>")
    return "".join(parts)


def _training(model: Path) -> str:
    """The curves in the `log.jsonl` of a run folder: losses by player, scores by metric; else nothing."""
    folder = model if model.is_dir() else model.parent
    try:
        lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return ""
    series: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        for name, value in entry.items():
            group, slash, term = name.partition("/")
            if slash and isinstance(value, float):
                title, line = f"{group}: losses by step", term
                if "stage" not in entry:
                    metric, _, domain = term.partition(":")
                    title, line = f"{metric} on {group} by step", domain or "mean"
                series[title][line].append((entry["step"], value))
    drawn = "".join(curves(lines, title) for title, lines in series.items())
    return f'<h3>Training</h3><div class="figures">{drawn}</div>' if drawn else ""
