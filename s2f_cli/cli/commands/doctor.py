"""`s2f doctor`."""

import typer

from s2f_cli.cli import console
from s2f_cli.cli.options import JsonOption


def doctor(as_json: JsonOption = False) -> None:
    """List installed and missing requirements, with the commands that install them.

    Checks the versions of packages, the device, the extras, the models and the folders. Exits 1 if
    something that s2f needs is missing; optional packages do not count.

    Examples:
        s2f doctor
        s2f doctor --json
    """
    from dataclasses import asdict
    from itertools import groupby

    from rich.text import Text

    from s2f_cli.cli import environment

    findings = environment.examine()
    missing = sum(finding.state == "missing" for finding in findings)
    if as_json:
        console.print_json([asdict(finding) for finding in findings])
    else:
        marks = {"here": ("ok", "green"), "missing": ("no", "bold red"), "optional": ("--", "yellow")}
        for topic, group in groupby(findings, key=lambda finding: finding.topic):
            console.out.print(Text(topic, "bold"))
            for finding in group:
                mark, style = marks[finding.state]
                line = Text.assemble("  ", (mark, style), f" {finding.name}: {finding.detail}")
                console.out.print(line)
                if finding.fix:
                    console.out.print(Text(f"       {finding.fix}", style))
        console.say(f"missing: {missing}" if missing else "everything that s2f needs is installed")
    if missing:
        raise typer.Exit(console.FAILED)
