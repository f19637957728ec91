"""The image of the server and its composition: what can be checked without a container."""

import re
import shlex
from pathlib import Path

import typer
import yaml

from s2f_cli.cli.app import app

TOP = Path(__file__).parents[2]


def test_the_image_is_given_every_file_that_it_copies() -> None:
    permitted = {line[1:] for line in (TOP / ".dockerignore").read_text().splitlines() if line[0] == "!"}
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (TOP / "Dockerfile").read_text(), re.MULTILINE)
    assert {name for line in copied for name in shlex.split(line)} == permitted
    assert all((TOP / name).exists() for name in permitted)


def test_the_commands_of_the_containers_parse() -> None:
    text = (TOP / "Dockerfile").read_text()
    stages = re.findall(r"^FROM \S+(?: AS (\w+))?$", text, re.MULTILINE)
    composed = yaml.safe_load((TOP / "compose.yaml").read_text())
    service = composed["services"]["s2f"]
    assert service["build"]["target"] in stages and service["read_only"]
    commands = [yaml.safe_load(line) for line in re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)]
    for words in [service["command"], *(words for words in commands if words[0] == "serve")]:
        serve = typer.main.get_command(app).commands[words[0]]  # type: ignore[attr-defined]
        serve.make_context(words[0], list(words[1:]))
    (job,) = yaml.safe_load(composed["configs"]["prometheus"]["content"])["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["s2f:8000"]}]
