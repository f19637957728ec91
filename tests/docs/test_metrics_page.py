from pathlib import Path

import pytest

from s2f_cli.core import registry

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", registry.names("metrics"))
def test_the_page_says_what_the_metric_says(name):
    m = registry.find("metrics", name)
    assert f"| `{name}` | {m.title} | {m.better} | {m.unit} | {m.variant} | {m.source} |" in PAGE
