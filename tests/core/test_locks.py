"""Locks: held by one at a time, and free after the death of their holder."""

import errno
import json
import os
import platform
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from s2f_cli.core import locks
from s2f_cli.core.locks import Held, Holder

HOLD = """
import sys, time
from pathlib import Path
from s2f_cli.core.locks import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_is_refused_and_told_the_first(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locks.lock(path):
        assert locks.holder(path) == Holder.this()
        with pytest.raises(Held) as raised, locks.lock(path):
            pass
        assert raised.value.holder == Holder.this()
        with pytest.raises(Held):
            locks.check_free(path)
    assert not path.exists()
    locks.check_free(path)
    with locks.lock(path):
        pass


def test_a_killed_holder_leaves_the_way_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"held\n"
    with pytest.raises(Held) as raised, locks.lock(path):
        pass
    assert raised.value.holder and str(raised.value.holder) == f"process {process.pid}"
    process.kill()
    process.communicate()
    assert path.exists()
    with locks.lock(path):
        pass
    assert not path.exists()


def test_waits_for_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"held\n"
        start = time.monotonic()
        with pytest.raises(Held), locks.lock(path, wait=0.2):
            pass
        assert time.monotonic() - start >= 0.2
        process.send_signal(signal.SIGKILL)
        with locks.lock(path, wait=30):
            pass


THIS = Holder.this()


@pytest.mark.parametrize(
    ("named", "free"),
    [
        ("", True),
        ("not JSON", True),
        ("[1]", True),
        (json.dumps(asdict(replace(THIS, started=THIS.started - 1000))), True),  # after a reboot
        (json.dumps(asdict(replace(THIS, pid=2**22 + 1))), True),
        (json.dumps(asdict(THIS)), False),
        (json.dumps(asdict(replace(THIS, host=platform.node() + "-2"))), False),
    ],
    ids=["empty", "no JSON", "a list", "before a reboot", "a dead process", "this process", "another host"],
)
def test_without_locks_of_the_system_the_named_process_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, free: bool
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    (tmp_path / "lock").write_text(named)
    if free:
        with locks.lock(tmp_path / "lock"), pytest.raises(Held), locks.lock(tmp_path / "lock"):
            pass
    else:
        with pytest.raises(Held), locks.lock(tmp_path / "lock"):
            pass
