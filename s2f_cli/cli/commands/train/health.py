"""Telling the doctor what a training does, and the person what the doctor says."""

import torch
from torch import Tensor

from s2f_cli.cli import console
from s2f_cli.core import images
from s2f_cli.core.images import Domain, other
from s2f_cli.data.manifest import Manifest
from s2f_cli.inference.translator import Translator
from s2f_cli.training.health import TrainingMonitor
from s2f_cli.training.loop import Training

PEOPLE = 4
"""How many images are looked at."""


class HealthCheck:
    """Watches one training; each piece of advice is a line on stderr."""

    def __init__(self, training: Training, manifest: Manifest) -> None:
        self._doctor = TrainingMonitor({stage.name: stage for stage in training.recipe.stages})
        self._manifest = manifest
        self._shown: dict[Domain, tuple[Tensor, Tensor | None]] = {}

    def listen(self, stage: str, losses: dict[str, float]) -> None:
        """Losses of one step."""
        for advice in self._doctor.listen(stage, losses):
            console.say(f"doctor: {advice.line}")

    @torch.inference_mode()
    def look(self, translator: Translator) -> None:
        """A model as it is now, on a few people of the test split or, without one, of the train split.

        Raises ImageError when one of their files cannot be read.
        """
        for to in translator.directions:
            if to not in self._shown:
                self._shown[to] = self._people(translator, to)
            given, true = self._shown[to]
            made = translator.networks.translate(given, to, mean=True)
            for advice in self._doctor.look(to, given, made, true):
                console.say(f"doctor: {advice.line}")

    def _people(self, translator: Translator, to: Domain) -> tuple[Tensor, Tensor | None]:
        source = other(to)
        shown = (self._manifest.having("test", source) or self._manifest.having("train", source))[:PEOPLE]

        def to_batch(domain: Domain) -> Tensor:
            return translator.to_batch([images.read(self._manifest.path(e, domain)) for e in shown], domain)

        return to_batch(source), to_batch(to) if all(to in entry.files for entry in shown) else None
