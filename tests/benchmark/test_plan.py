"""Systems and rows from the words of a command line."""

from pathlib import Path

import pytest

from s2f_cli.benchmark.plan import DataSet, System, rows_of, systems_of
from s2f_cli.core.errors import RunError

DATA = [DataSet(name, Path(name), None, ("mse",), "0") for name in ("cuhk", "fs2k")]


def test_systems_take_the_overrides_of_all_and_their_own() -> None:
    systems = systems_of(
        ["pix2pix", "mine/cut.toml"],
        ["runs/0001-lle"],
        ["gda=out/a=b", "fsw:face=C:/out"],
        ["image.size=128", "cut:batch_size=4", 'networks.a.weights="C:/x"'],
    )
    general = ("image.size=128", 'networks.a.weights="C:/x"')
    assert systems == [
        System("pix2pix", "recipe", "pix2pix", general),
        System("cut", "recipe", "mine/cut.toml", (*general, "batch_size=4")),
        System("0001-lle", "model", "runs/0001-lle"),
        System("gda", "results", "out/a=b"),
        System("fsw", "results", "C:/out", to="face"),
    ]


def test_recipes_have_a_row_for_each_seed_and_others_one() -> None:
    systems = [System("a", "recipe", "a"), System("b", "model", "b")]
    rows = rows_of(systems, DATA, seeds=2, budget="200 images")
    assert [row.key for row in rows] == [
        f"{name}-{data}{end}"
        for data in ("cuhk", "fs2k")
        for name, end in (("a", "-200images-seed=0"), ("b", ""), ("a", "-200images-seed=1"))
    ]


@pytest.mark.parametrize(
    ("names", "results", "overrides", "message"),
    [
        (["a", "b/a.toml"], [], [], "two systems are called 'a'"),
        (["a"], ["nothing"], [], "not NAME:DOMAIN=FOLDER"),
        (["a"], ["b:photo=folder"], [], "not NAME:DOMAIN=FOLDER"),
        (["a"], [], ["b:steps=3"], "no recipe 'b'"),
        (["a"], ["a/b=folder"], [], "part of a file name"),
    ],
)
def test_other_words_are_refused(names, results, overrides, message) -> None:
    with pytest.raises(RunError, match=message):
        rows_of(systems_of(names, [], results, overrides), DATA, 1, "2steps")
