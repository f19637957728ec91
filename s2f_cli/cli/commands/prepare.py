"""`s2f prepare`: a command per source, built from the fields of its class."""

from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from s2f_cli.cli import console, options
from s2f_cli.cli.dataclass_options import build, command_line, parameters
from s2f_cli.cli.help import App
from s2f_cli.core import registry
from s2f_cli.core.remote_copies import shown

if TYPE_CHECKING:
    from s2f_cli.data.preparation import Summary

ReplaceOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace an existing data set.", rich_help_panel=options.OUTPUT)
]


class _SourceGroup(TyperGroup):
    """Builds the command of a source on access, so that `s2f --help` imports none of them."""

    def list_commands(self, ctx: Any) -> list[str]:
        return registry.names("sources")

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        known = self.list_commands(ctx)
        if cmd_name in known:
            return _command(cmd_name)
        if not ctx.resilient_parsing and not cmd_name.startswith("-"):
            ctx.fail(f"There is no source {cmd_name!r}; {registry.did_you_mean(cmd_name, known)}.")
        return None


app = App(cls=_SourceGroup, help="Prepare a data set in ./data from a source.")


def _command(name: str) -> Any:
    """Build the command of a source; its parameters are the fields of the source and of the settings."""
    from s2f_cli.data.preparation import PrepareSettings

    source_class = registry.find("sources", name)

    def prepare(
        *,
        output: options.OutputFolderOption = Path("data"),
        overwrite: ReplaceOption = False,
        workers: options.WorkersOption = 0,
        engine: options.EngineOption = "local",
        **values: Any,
    ) -> None:
        from s2f_cli.data.preparation import prepare
        from s2f_cli.inference.sketchers import find_styles

        source, settings = build(source_class, values), build(PrepareSettings, values)
        styles = find_styles(settings.sketcher)
        line = shown(command_line(f"s2f prepare {name}", source, settings))
        with console.progress() as bar:
            task = bar.add_task("listing", total=None)

            def show_progress(done: int, total: int) -> None:
                bar.update(task, description="preparing", completed=done, total=total)

            try:
                summary = prepare(
                    source,
                    output,
                    settings,
                    styles=styles,
                    overwrite=overwrite,
                    workers=workers,
                    engine=engine,
                    command=line,
                    on_progress=show_progress,
                )
            except KeyboardInterrupt:
                console.say("interrupted: repeat the command to resume")
                raise
        _print_summary(summary)

    fixed = list(signature(prepare).parameters.values())[:-1]
    described = parameters(source_class, PrepareSettings)
    arguments = sum(parameter.default is Parameter.empty for parameter in described)
    ordered = [*described[:arguments], *fixed[:2], *described[arguments:], *fixed[2:]]
    vars(prepare)["__signature__"] = Signature(ordered)
    single = App(add_completion=False)
    single.command(name=name, help=_help(source_class))(prepare)
    return typer.main.get_command(single)


def _help(source_class: Any) -> str:
    about = [" ".join(source_class.__doc__.split()), source_class.layout, f"Licence: {source_class.licence}."]
    if source_class.homepage:
        about.append(f"Homepage: {source_class.homepage}")
    if source_class.examples:
        about.append("Examples:\n" + "\n".join(f"    {line}" for line in source_class.examples))
    return "\n\n".join(about)


def _print_summary(summary: "Summary") -> None:
    header = summary.header
    for line in header.selection:
        console.say(line)
    for name, line in header.duplicates.items():
        console.say(f"{name}: {line}")
    for name, line in summary.unpaired.items():
        console.say(f"without a partner: {name}: {line}")
    _print_counts("part", header.parts)
    _print_counts("split", summary.splits)
    console.say(f"{summary.folder}: {header.split}")
    console.end_batch(header.left_out)


def _print_counts(title: str, rows: dict[str, dict[str, int]]) -> None:
    """Print a table of counts, with each row's share of all images."""
    if not rows:
        return
    total = sum(row["faces"] + row["sketches"] for row in rows.values())
    columns = list(next(iter(rows.values())))
    lines = [
        [name, *map(str, row.values()), f"{(row['faces'] + row['sketches']) / total:.1%}"]
        for name, row in rows.items()
    ]
    console.out.print(console.table("", [title, *columns, "of all"], lines))
