"""Turn photos of faces into sketches, and sketches into faces.

    import s2f_cli as s2f

    model = s2f.load("face-to-sketch")
    model.translate("photo.jpg").save("sketch.png")

`load` and `translate` use a model, `prepare` makes a data set, `train` trains a recipe and `evaluate` scores
models. Each does what the command of that name does. Importing this package imports none of the libraries
that they need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from s2f_cli.core.version import __version__

if TYPE_CHECKING:
    from s2f_cli.core.errors import S2FError
    from s2f_cli.evaluation.evaluator import evaluate
    from s2f_cli.evaluation.scored_training import train
    from s2f_cli.inference.model import Model, load, translate
    from s2f_cli.inference.preparing import prepare_by_name as prepare

__all__ = ["Model", "S2FError", "__version__", "evaluate", "load", "prepare", "train", "translate"]

_PLACES = {
    "Model": "s2f_cli.inference.model:Model",
    "S2FError": "s2f_cli.core.errors:S2FError",
    "evaluate": "s2f_cli.evaluation.evaluator:evaluate",
    "load": "s2f_cli.inference.model:load",
    "prepare": "s2f_cli.inference.preparing:prepare_by_name",
    "train": "s2f_cli.evaluation.scored_training:train",
    "translate": "s2f_cli.inference.model:translate",
}
"""Where each name of the Python API is defined; the module is imported when the name is first used."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _PLACES[name].partition(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
