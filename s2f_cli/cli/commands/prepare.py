"""`s2f prepare`: one command for each source, made from the fields of its class."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from inspect import Signature
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from s2f_cli.cli import console
from s2f_cli.cli import dataclass_options as _options
from s2f_cli.cli.help import App
from s2f_cli.core import registry


@dataclass(frozen=True)
class _Shell:
    """The options that do not change what is made."""

    output: Annotated[Path, "The folder of the data set.", "-o"] = Path("data")
    overwrite: Annotated[bool, "Replace the data set that is there."] = False
    workers: Annotated[int, "Processes; 0 is one for each core."] = 0
    engine: Annotated[Literal["local", "ray"], "Where they run: here, or on a Ray cluster (extra ray)."] = (
        "local"
    )


class _Commands(MutableMapping[str, Any]):
    """A command for each source, built when it is asked for: `s2f --help` imports none of them."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            if name not in registry.names("sources"):
                raise KeyError(name)
            self._built[name] = _command(name)
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(registry.names("sources"))

    def __len__(self) -> int:
        return len(registry.names("sources"))


class _Sources(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands()


app = App(cls=_Sources, help="Make a data set in ./data from a source.")


def _command(name: str) -> Any:
    from s2f_cli.data.preparation import Preparation, PrepareSettings

    source = registry.find("sources", name)

    def prepare(**given: Any) -> None:
        chosen, settings = _options.build(source, given), _options.build(PrepareSettings, given)
        command = _options.command_line(f"s2f prepare {name}", chosen, settings)
        _run(Preparation(chosen, given["output"], settings, command), given)

    shell = _options.parameters(_Shell)
    options = _options.parameters(source, PrepareSettings)
    vars(prepare)["__signature__"] = Signature([*shell, *options])
    about = [source.__doc__.strip(), source.layout, f"Licence: {source.licence}."]
    if source.homepage:
        about.append(f"Homepage: {source.homepage}")
    single = App(add_completion=False)
    single.command(name=name, help="\n\n".join(about))(prepare)
    return typer.main.get_command(single)


def _run(preparation: Any, given: dict[str, Any]) -> None:
    preparation.check_output(given["overwrite"])
    with console.progress() as bar:
        listing = bar.add_task("listing", total=None)
        total = preparation.plan()
        bar.remove_task(listing)
        making = bar.add_task("preparing", total=total)
        try:
            for _ in preparation.run(given["workers"], given["engine"]):
                bar.update(making, completed=preparation.done)
        except KeyboardInterrupt:
            console.say("interrupted: the same command goes on where it stopped")
            raise
        bar.update(making, completed=preparation.done)
    summary = preparation.finish()
    header = summary.header
    for line in header.selection:
        console.say(line)
    for name, line in header.duplicates.items():
        console.say(f"{name}: {line}")
    _print("part", header.parts)
    _print("split", summary.splits)
    console.say(f"{preparation.output}: {header.split}")
    console.end_batch(header.left_out)


def _print(title: str, rows: dict[str, dict[str, int]]) -> None:
    """A table of counts, with the share of all faces and sketches when there are several parts."""
    if not rows:
        return
    everything = sum(row["faces"] + row["sketches"] for row in rows.values())
    columns = list(next(iter(rows.values())))
    lines = [
        [name, *map(str, row.values()), f"{(row['faces'] + row['sketches']) / everything:.1%}"]
        for name, row in rows.items()
    ]
    console.out.print(console.table("", [title, *columns, "of all"], lines))
