import pkgutil

import pytest

import s2f_cli.core
import s2f_cli.faces


@pytest.mark.parametrize("package", [s2f_cli.core, s2f_cli.faces], ids=lambda package: package.__name__)
def test_the_docstring_describes_every_module(package) -> None:
    described = [line.split()[0].rstrip("/") for line in package.__doc__.splitlines()[2:] if line]
    assert sorted(described) == sorted(module.name for module in pkgutil.iter_modules(package.__path__))
