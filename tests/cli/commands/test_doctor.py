"""`s2f doctor` through the command line."""

import json
import subprocess
import sys

from s2f_cli import __version__
from s2f_cli.cli import environment


def test_installed_packages_are_listed(s2f) -> None:
    result = s2f("doctor")
    assert result.code == 0, result.out
    assert __version__ in result.out
    assert "everything that s2f needs is installed" in result.err


def test_json_has_a_record_per_finding(s2f) -> None:
    records = json.loads(s2f("doctor", "--json").out)
    assert {"topic", "name", "state", "detail", "fix"} == set(records[0])
    assert {"system", "packages", "device", "models", "folders"} <= {r["topic"] for r in records}


def test_a_missing_requirement_exits_1(s2f, monkeypatch) -> None:
    finding = environment.Finding("system", "x", "missing", "needed", "install x")
    monkeypatch.setattr(environment, "_system", lambda: [finding])
    result = s2f("doctor")
    assert result.code == 1
    assert "install x" in result.out
    assert "missing: 1" in result.err


def test_the_checks_import_nothing_heavy() -> None:
    code = (
        "import sys; from importlib import metadata; real = metadata.version;"
        "metadata.version = lambda n: '2.0+cpu' if n == 'torch' else real(n);"
        "from s2f_cli.cli import environment; environment.examine();"
        "print({'torch', 'PIL', 'dlib', 'fastapi'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
