import pytest


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        ("translat", "no such command 'translat'", "did you mean 'translate', 'train'? see `s2f --help`"),
        (
            "translate a --too face",
            "no such option: --too",
            "did you mean '--to'? see `s2f translate --help`",
        ),
        ("translate a", "missing option '--to'", "see `s2f translate --help`"),
        ("train pix2pix --set", "option '--set' requires an argument", "see `s2f train --help`"),
        (
            "translate a --to skech",
            "invalid value for '--to': 'skech' is not one of 'face', 'sketch'",
            "did you mean 'sketch'?",
        ),
        ("train a --steps 0", "invalid value for '--steps': it must be greater than or equal to 1", "see"),
        ("train a --steps x", "'--steps': it must be a valid integer", "see"),
        ("prepare dmo", "there is no source 'dmo'", "did you mean 'demo'?"),
        ("models show face-to-skech", "there is no model 'face-to-skech'", "did you mean 'face-to-sketch'?"),
        ("recipes show pix2pox", "there is no recipe 'pix2pox'", "did you mean 'pix2pix'?"),
        ("sketchify a.png --sketcher pensil", "'pensil'", "did you mean 'pencil'?"),
    ],
)
def test_every_error_has_one_look_and_names_the_nearest(words: str, error: str, hint: str, s2f, here) -> None:
    result = s2f(*words.split())
    lines = result.err.splitlines()
    assert result.code in (1, 2) and len(lines) == 2, result.err
    assert lines[0].startswith("error: ") and error in lines[0]
    assert lines[1].startswith("hint: ") and hint in lines[1]


def test_an_unanswered_question_is_no_traceback(s2f, here) -> None:
    (here / "runs/0001-x").mkdir(parents=True)
    (here / "runs/0001-x/run.json").touch()
    result = s2f("runs", "remove", "0001-x")
    assert result.code == 1 and result.err.splitlines()[-1] == "aborted"
