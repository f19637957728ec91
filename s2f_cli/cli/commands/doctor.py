"""`s2f doctor`."""

from typing import Annotated

import typer

from s2f_cli.cli import console


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what is installed and what is missing, each with the command that mends it.

    Versions, device, extras, models and folders. Exits 1 when something is missing that s2f needs.
    """
    from dataclasses import asdict
    from itertools import groupby

    from rich.text import Text

    from s2f_cli.cli import environment

    found = environment.examine()
    missing = sum(finding.state == "missing" for finding in found)
    if as_json:
        console.print_json([asdict(finding) for finding in found])
    else:
        marks = {"here": ("ok", "green"), "missing": ("no", "bold red"), "optional": ("--", "yellow")}
        for topic, findings in groupby(found, key=lambda finding: finding.topic):
            console.out.print(Text(topic, "bold"))
            for finding in findings:
                mark, style = marks[finding.state]
                line = Text.assemble("  ", (mark, style), f" {finding.name}: {finding.detail}")
                console.out.print(line)
                if finding.fix:
                    console.out.print(Text(f"       {finding.fix}", style))
        console.say(f"missing: {missing}" if missing else "all that s2f needs is here")
    if missing:
        raise typer.Exit(console.FAILED)
