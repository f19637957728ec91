"""Render self-contained HTML pages from the templates of this package."""

from typing import Any

import jinja2

from s2f_cli.core.version import __version__


def render(template: str, **values: Any) -> str:
    """Render a template of the folder `templates`. All values are escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("s2f_cli.evaluation"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(version=__version__, **values)
