import importlib
import subprocess
import sys

import pytest

from s2f_cli.core import registry
from s2f_cli.core.errors import MissingPart

KINDS = sorted(registry.KINDS)


def test_the_main_kinds_are_known() -> None:
    assert {"networks", "losses", "objectives", "metrics", "sources", "sketchers"} <= set(KINDS)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in registry.names(kind)])
def test_each_module_defines_one_part(kind: str, name: str) -> None:
    module = importlib.import_module(f"s2f_cli.{registry.KINDS[kind]}.{name}")
    assert len(module.__all__) == 1
    assert registry.find(kind, name) is getattr(module, module.__all__[0])
    assert module.__doc__


def test_names_are_sorted_and_leave_out_helpers() -> None:
    for kind in KINDS:
        names = registry.names(kind)
        assert names == sorted(names)
        assert not [name for name in names if name.startswith("_")]


def test_listing_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom s2f_cli.core import registry\n"
        f"for kind in {KINDS}:\n    registry.names(kind)\n"
        "heavy = {'torch', 'numpy', 'PIL'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["unett", "_same", "unet.UNet", "../unet", "", "UNET"])
def test_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(MissingPart) as raised:
        registry.find("networks", name)
    assert repr(name) in raised.value.message
    for known in registry.names("networks"):
        assert known in raised.value.hint


def test_a_similar_name_is_suggested() -> None:
    assert registry.did_you_mean("patch_critik", ["patch_critic", "unet"]).startswith(
        "did you mean 'patch_critic'?"
    )
    assert registry.did_you_mean("zzz", ["patch_critic", "unet"]) == "known: patch_critic, unet"
    assert registry.did_you_mean("zzz", []) == "known: none"
