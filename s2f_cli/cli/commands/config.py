"""`s2f config`."""

from __future__ import annotations

import json

import typer

from s2f_cli.cli import console
from s2f_cli.cli.options import JsonOption


def config(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the defaults of options that you have set, and the files that set them.

    The tables of your file are named like commands, as is the table translate with style = "bold". In the
    pyproject.toml of the working directory it is tool.s2f.translate; these tables take precedence. Options on
    the command line take precedence over both.

    Examples:
      s2f config
      s2f config --json
    """
    from s2f_cli.cli import defaults

    found = defaults.read()
    last = {(default.command, default.option): default for default in found}
    if as_json:
        console.print_json(
            {
                "files": [{"file": str(file), "exists": file.is_file()} for file in defaults.files()],
                "defaults": [
                    {
                        "command": " ".join(default.command),
                        "option": default.option,
                        "value": default.value,
                        "file": str(default.file),
                        "used": default is last[default.command, default.option],
                    }
                    for default in found
                ],
            }
        )
        return
    for default in found:
        setting = f"s2f {' '.join(default.command)}: {default.option} = {json.dumps(default.value)}"
        used = "" if default is last[default.command, default.option] else " (another file replaces it)"
        console.print_line(f"{setting}  [{default.file}]{used}")
    if not found:
        console.say(f"no defaults are set; s2f reads {' and '.join(map(str, defaults.files()))}")
