"""Exporters of other libraries, kept silent: what goes wrong is raised, the rest is nobody's business."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing that the block prints, logs or warns of is seen; a progress bar on stderr goes on."""
    silenced = logging.root.manager.disable
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.ERROR)
        try:
            yield
        finally:
            logging.disable(silenced)
