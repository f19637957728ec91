"""`s2f serve`, started as a process."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PIL import Image

from s2f_cli.core import requirements
from s2f_cli.web.metrics import WORKERS_FOLDER

PAGE = Path(__file__).parents[3] / "docs/serve.md"


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C differently")
def test_the_server_starts_answers_and_stops(
    tiny_run: Path, here: Path, drawing: Callable[..., Image.Image]
) -> None:
    command = [sys.executable, "-m", "s2f_cli", "serve", "--model", str(tiny_run), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        output = ""
        for line in process.stderr:
            output += line
            if match := re.search(r"s2f is at (\S+)", line):
                break
        assert match, output
        with urllib.request.urlopen(f"{match[1]}models") as response:
            assert [model["to"] for model in json.load(response)] == ["face", "sketch"]
        if shutil.which("curl"):
            drawing(1, 40, 50).save("face.png")
            (line,) = re.findall(r"<!-- tested: curl -->\n +(curl .*)", PAGE.read_text(encoding="utf-8"))
            command = shlex.split(line.replace("http://127.0.0.1:8000/", match[1]))
            subprocess.run([*command, "--silent", "--fail", "--noproxy", "*"], check=True)
            assert Image.open("sketch.png").size == (40, 50)
        process.send_signal(signal.SIGINT)
        process.wait(20)
        output = process.stderr.read()
    assert match[1].startswith("http://127.0.0.1:")
    assert "Traceback" not in output
    assert process.returncode == 130


@pytest.mark.skipif(os.name == "nt", reason="Windows sends signals differently")
def test_workers_share_the_port_are_replaced_and_stop(tiny_run: Path, here: Path) -> None:
    command = [sys.executable, "-m", "s2f_cli", "serve", "--model", str(tiny_run), "--port", "0"]
    command += ["--workers", "2", "--log-format", "json"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        lines = iter(process.stderr)
        address = next(match[1] for line in lines if (match := re.search(r"s2f is at (\S+)", line)))
        children = psutil.Process(process.pid).children()
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        assert len(workers) == 2
        workers[0].kill()
        replaced = next(line for line in lines if "is replaced" in line)
        assert f"worker {workers[0].pid} ended with exit code -9" in replaced
        for _ in range(3):
            with urllib.request.urlopen(f"{address}health") as answer:
                assert answer.status == 200
        with urllib.request.urlopen(f"{address}metrics") as answer:
            text = answer.read().decode()
        assert 's2f_requests_total{method="GET",path="/health",status="200"} 3.0' in text
        process.terminate()
        logged = [json.loads(line) for line in lines if line.startswith("{")]
        process.wait(20)
    assert process.returncode == 130
    assert [line["path"] for line in logged] == ["/health"] * 3 + ["/metrics"]
    assert not any(worker.is_running() for worker in workers)


def test_a_worker_that_cannot_start_is_an_error(s2f, here: Path) -> None:
    (here / "broken.safetensors").write_bytes(b"broken")
    result = s2f("serve", "--model", "broken.safetensors", "--workers", "2", "--port", "0")
    assert result.code == 1
    assert "error: broken.safetensors is not a safetensors file" in result.err
    assert WORKERS_FOLDER not in os.environ


def test_an_origin_has_no_path(s2f, here: Path) -> None:
    result = s2f("serve", "--cors", "https://example.org/")
    assert result.code == 2
    assert "https://example.org/ is no origin" in result.err


def test_a_port_in_use_is_an_error(s2f, tiny_run: Path, here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = s2f("serve", "--model", tiny_run, "--port", port)
    assert result.code == 1
    assert f"error: cannot listen on 127.0.0.1, port {port}: " in result.err
    assert "hint: choose another with --port or --host" in result.err


def test_no_model_is_an_error(s2f, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s2f_cli.models.zoo.SHIPPED", here)
    result = s2f("serve")
    assert result.code == 1
    assert "error: " in result.err


def test_the_missing_extra_is_named(s2f, here: Path, monkeypatch) -> None:
    util, find_spec = requirements.importlib.util, requirements.importlib.util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "fastapi" else find_spec(name))
    result = s2f("serve")
    assert result.code == 1
    assert f"hint: {requirements.install_hint('fastapi', 'web')}\n" in result.err
