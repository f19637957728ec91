"""What draws missing sketches, by the names that users write: sketchers and models.

Importing this module does not import torch; naming a model does.
"""

from s2f_cli.data import sketching
from s2f_cli.data.sketching import Style


def find_styles(sketchers: str) -> tuple[Style, ...]:
    """The styles that a comma-separated list of sketchers and models names: `xdog,face-to-sketch:bold`.

    A model is a name of `s2f models`, a run folder, or a model file, and may be followed by one of its styles
    or by `all`. It sees whole photos, as `s2f translate --align none` does.

    Raises MissingPart for an unknown name, S2FError for a style that the model does not have, BundleError for
    a file that is no model or draws no sketches, RunError for a folder without a model.
    """
    return sketching.find_styles(sketchers, _of_model)


def _of_model(text: str) -> list[Style]:
    from s2f_cli.inference.model_sketcher import model_styles

    return model_styles(text)
