"""`s2f prepare`: one command for each source, made from the fields of its class."""

from collections.abc import Iterator, MutableMapping
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from s2f_cli import console, parts
from s2f_cli.commands import _options
from s2f_cli.errors import S2FError

_OUTPUT = Annotated[Path, typer.Option("--output", "-o", help="The folder of the data set.")]
_OVERWRITE = Annotated[bool, typer.Option("--overwrite", help="Replace the data set that is there.")]


class _Commands(MutableMapping[str, Any]):
    """A command for each source, built when it is asked for: `s2f --help` imports none of them."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            if name not in parts.names("sources"):
                raise KeyError(name)
            self._built[name] = _command(name)
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(parts.names("sources"))

    def __len__(self) -> int:
        return len(parts.names("sources"))


class _Sources(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands()


app = typer.Typer(cls=_Sources, no_args_is_help=True, help="Make a data set in ./data from a source.")


def _command(name: str) -> Any:
    from s2f_cli.preparation import Settings

    source = parts.find("sources", name)

    def prepare(**given: Any) -> None:
        chosen, settings = _options.build(source, given), _options.build(Settings, given)
        command = _options.command_line(f"s2f prepare {name}", chosen, settings)
        _run(chosen, settings, given["output"], given["overwrite"], command)

    shell = [
        Parameter("output", Parameter.KEYWORD_ONLY, annotation=_OUTPUT, default=Path("data")),
        Parameter("overwrite", Parameter.KEYWORD_ONLY, annotation=_OVERWRITE, default=False),
    ]
    vars(prepare)["__signature__"] = Signature([*shell, *_options.parameters(source, Settings)])
    about = [source.__doc__.strip(), source.layout, f"Licence: {source.licence}."]
    if source.homepage:
        about.append(f"Homepage: {source.homepage}")
    single = typer.Typer(add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})
    single.command(name=name, help="\n\n".join(about))(prepare)
    return typer.main.get_command(single)


def _run(source: Any, settings: Any, output: Path, overwrite: bool, command: str) -> None:
    from s2f_cli.preparation import Preparation

    preparation = Preparation(source, output, settings, command)
    preparation.check_output(overwrite)
    preparation.plan()
    with console.progress() as bar:
        task = bar.add_task("preparing", total=len(preparation.items))
        for _ in preparation.run():
            bar.advance(task)
    try:
        manifest = preparation.finish()
    except S2FError as problem:
        console.complain(problem)
        console.end_batch(preparation.left_out)
        raise
    rows = []
    for split in manifest.splits():
        faces, sketches = manifest.having(split, "face"), manifest.having(split, "sketch")
        people = {e.identity for e in manifest.entries if e.split == split}
        rows.append([split, *(str(len(n)) for n in (faces, sketches, manifest.pairs(split), people))])
    console.out.print(console.table("", ["split", "faces", "sketches", "pairs", "people"], rows))
    console.say(f"{output}: {manifest.header.split}")
    console.end_batch(preparation.left_out)
