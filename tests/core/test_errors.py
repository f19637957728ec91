import pytest

from s2f_cli.core.errors import reason_of


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (FileNotFoundError(2, "No such file or directory", "a.csv"), "No such file or directory"),
        (OSError("the disk is gone"), "the disk is gone"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "it is not text in UTF-8"),
        (ValueError("line 1 is bad\nand more"), "line 1 is bad"),
        (KeyError(), "KeyError"),
    ],
)
def test_a_reason_is_one_line_and_names_no_file(problem: Exception, reason: str) -> None:
    assert reason_of(problem) == reason
