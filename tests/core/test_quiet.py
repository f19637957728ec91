"""Exporters of other libraries stay silent."""

import ctypes
import os

import pytest

from s2f_cli.core.quiet import quiet, quiet_libraries


@pytest.mark.skipif(os.name == "nt", reason="needs the C library of a POSIX system")
def test_what_a_library_in_c_prints_is_discarded(capfd) -> None:
    with quiet_libraries():
        ctypes.CDLL(None).puts(b"discarded")
    ctypes.CDLL(None).puts(b"kept")
    ctypes.CDLL(None).fflush(None)
    assert capfd.readouterr().out == "kept\n"


def test_what_python_prints_is_discarded(capsys) -> None:
    with quiet():
        print("discarded")
    print("kept")
    assert capsys.readouterr().out == "kept\n"
