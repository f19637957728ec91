import pytest

from s2f_cli.core import settings
from s2f_cli.core.errors import S2FError


@pytest.mark.parametrize(("text", "number"), [("", 7), (" ", 7), ("12", 12), ("1_000", 1000), (" 3 ", 3)])
def test_whole_numbers(monkeypatch: pytest.MonkeyPatch, text: str, number: int) -> None:
    monkeypatch.setenv("S2F_TEST", text)
    assert settings.whole_number("S2F_TEST", 7) == number
    monkeypatch.delenv("S2F_TEST")
    assert settings.whole_number("S2F_TEST", 7) == 7


@pytest.mark.parametrize("text", ["200GB", "1.5", "1e9", "many", "0x10", "nan"])
def test_anything_else_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("S2F_TEST", text)
    with pytest.raises(S2FError, match=f"^S2F_TEST={text} is not a whole number$"):
        settings.whole_number("S2F_TEST", 7)


@pytest.mark.parametrize(("text", "number"), [("", 7), ("0.5", 0.5), ("1e2", 100)])
def test_seconds(monkeypatch: pytest.MonkeyPatch, text: str, number: float) -> None:
    monkeypatch.setenv("S2F_TEST", text)
    assert settings.seconds("S2F_TEST", 7) == number


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1 min"])
def test_no_seconds(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("S2F_TEST", text)
    with pytest.raises(S2FError, match="S2F_TEST"):
        settings.seconds("S2F_TEST", 7)
