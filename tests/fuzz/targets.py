"""The kinds of files that s2f reads, each with files to damage and the code that reads them."""

from collections.abc import Callable

import data_targets
import image_targets
import model_targets
import score_targets
from target import Target

TARGETS: dict[str, Callable[[], Target]] = {
    **image_targets.TARGETS,
    **data_targets.TARGETS,
    **model_targets.TARGETS,
    **score_targets.TARGETS,
}
