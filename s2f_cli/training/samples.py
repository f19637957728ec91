"""Sample grids: the same few people, translated as training proceeds."""

from collections.abc import Iterator

import torch

from s2f_cli.core import images
from s2f_cli.core.errors import S2FError
from s2f_cli.data.manifest import Manifest
from s2f_cli.inference.conditions import of_entry
from s2f_cli.inference.engine import Array
from s2f_cli.inference.sampling import sample_sheet
from s2f_cli.inference.translator import Translator
from s2f_cli.models.domains import Domain, other
from s2f_cli.training.events import Advised, Sampled, Warned
from s2f_cli.training.health import Advice, TrainingMonitor
from s2f_cli.training.run_folder import Run

PEOPLE = 6
"""People in a grid."""
CHECKED = 4
"""People whose images the health checks examine."""


class SampleGrids:
    """Writes the grids of a run, and passes its images to the health checks.

    The people are the first of the test split, or of the train split if the test split has none.
    """

    def __init__(self, run: Run, manifest: Manifest, monitor: TrainingMonitor) -> None:
        self._run, self._manifest, self._monitor = run, manifest, monitor
        self._people: dict[Domain, tuple[Array, Array | None, Array | None]] = {}

    def write(self, translator: Translator, step: int) -> Iterator[Advised | Sampled | Warned]:
        """Write the grid of a step to `samples/`; an unreadable image is a warning, not an error."""
        try:
            grid = sample_sheet(translator, self._manifest, PEOPLE)
            advice = self._check(translator)
        except S2FError as problem:
            yield Warned(step, f"no samples at step {step}: {problem.line}")
            return
        yield from (Advised(step, item) for item in advice)
        file = self._run.samples / f"{step:06}.png"
        images.write(grid, file)
        yield Sampled(step, file, grid)

    @torch.inference_mode()
    def _check(self, translator: Translator) -> list[Advice]:
        advice: list[Advice] = []
        for to in translator.directions:
            if to not in self._people:
                self._people[to] = self._read(translator, to)
            inputs, vectors, truth = self._people[to]
            outputs = translator.engine.run("directions", to, inputs, vectors, mean=True)
            real = None if truth is None else torch.from_numpy(truth)
            images_in, images_out = torch.from_numpy(inputs), torch.from_numpy(outputs)
            advice += self._monitor.check_images(to, images_in, images_out, real)
        return advice

    def _read(self, translator: Translator, to: Domain) -> tuple[Array, Array | None, Array | None]:
        """Inputs of a direction (N, C, H, W) in [-1, 1], their conditions (N, K), and the true images.

        Conditions are None if the model has none, true images if an input has none.
        """
        source = other(to)
        entries = self._manifest.having("test", source) or self._manifest.having("train", source)
        entries = entries[:CHECKED]

        def batch(domain: Domain) -> Array:
            files = [self._manifest.path(entry, domain) for entry in entries]
            return translator.to_batch([images.read(file) for file in files], domain)

        values = [of_entry(self._manifest, entry, translator.card.recipe.conditions) for entry in entries]
        vectors = translator.condition_vectors(values, len(values))
        return batch(source), vectors, batch(to) if all(to in entry.files for entry in entries) else None
