"""Command-line options from the fields of dataclasses."""

from dataclasses import dataclass
from inspect import Parameter
from pathlib import Path
from typing import Annotated

from s2f_cli.cli.dataclass_options import build, command_line, parameters
from s2f_cli.data.options import Option


@dataclass(frozen=True)
class First:
    folder: Annotated[Path, Option("The folder.", "FOLDER")]
    rules: Annotated[tuple[str, ...], Option("Rules.", "RULE")] = ()
    fast: Annotated[bool, Option("Be fast.")] = False
    seed: Annotated[int, Option("Seed of the first.", "SEED")] = 0


@dataclass(frozen=True)
class Second:
    seed: Annotated[int, Option("Seed of the second.", "SEED")] = 0
    size: Annotated[int | None, Option("Size.", "PIXELS", "Images", "28 or 256")] = None


def test_fields_become_parameters_and_a_shared_name_becomes_one() -> None:
    by_name = {parameter.name: parameter for parameter in parameters(First, Second)}
    assert list(by_name) == ["folder", "rules", "fast", "seed", "size"]
    assert by_name["folder"].default is Parameter.empty
    assert by_name["rules"].annotation.__args__ == (list[str],)
    (seed,) = by_name["seed"].annotation.__metadata__
    assert seed.help == "Seed of the first."
    (size,) = by_name["size"].annotation.__metadata__
    assert (size.metavar, size.rich_help_panel, size.show_default) == ("PIXELS", "Images", "28 or 256")


def test_values_become_instances() -> None:
    values = {"folder": Path("x"), "rules": ["a", "b"], "fast": True, "seed": 3, "size": None}
    assert build(First, values) == First(Path("x"), ("a", "b"), True, 3)
    assert build(Second, values) == Second(3, None)


def test_the_command_line_omits_defaults_and_quotes_words() -> None:
    assert command_line("s2f x", First(Path("my set")), Second()) == "s2f x 'my set'"
    first = First(Path("set"), ("a=1", "b=2"), True, 3)
    assert command_line("s2f x", first, Second(3, 64)) == (
        "s2f x set --rules a=1 --rules b=2 --fast --seed 3 --size 64"
    )
