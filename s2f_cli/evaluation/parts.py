"""Parts of an evaluation on disk: what blocks of samples scored, from which the results are computed.

A file per block is written whole, so a shard that is started again continues. Merged results are those of one
machine, because samples have the same order, and are translated and read by metrics in the same batches.
"""

import hashlib
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from s2f_cli.core.errors import DataError, reason_of
from s2f_cli.core.files import atomic_write
from s2f_cli.evaluation.scoring import Scorer, ScorerState

BLOCK = 40
"""Samples per block: whole batches of the models, and of the networks of metrics."""


class SubjectParts:
    """The parts of one subject in a folder; `settings` are what its scores depend on, as values for JSON."""

    def __init__(self, folder: Path, name: str, settings: Any) -> None:
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()
        self._folder = folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())[-40:]}-{digest[:12]}"
        self._name = name

    def missing(self, blocks: Sequence[int]) -> list[int]:
        """The blocks that have not been written."""
        return [block for block in blocks if not self._file(block).is_file()]

    def write(self, block: int, scorers: list[Scorer], left_out: dict[str, str]) -> None:
        """Write what the scorers have collected about one block; raises S2FError if that fails."""
        states = [scorer.state() for scorer in scorers]
        document = {"left_out": left_out, "scorers": [state.values for state in states]}
        arrays: dict[str, Any] = {"document": np.frombuffer(json.dumps(document).encode(), np.uint8)}
        for number, state in enumerate(states):
            arrays |= {f"{number}/{digest}": row for digest, row in state.features.items()}
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        self._folder.mkdir(parents=True, exist_ok=True)
        atomic_write(self._file(block), buffer.getvalue())

    def read(self, block: int, scorers: list[Scorer]) -> dict[str, str]:
        """Add one block to the scorers; returns the files left out. Raises DataError if it is damaged."""
        try:
            with np.load(self._file(block)) as arrays:
                document = json.loads(arrays["document"].tobytes())
                for number, (scorer, values) in enumerate(zip(scorers, document["scorers"], strict=True)):
                    prefix = f"{number}/"
                    features = {
                        name.removeprefix(prefix): arrays[name]
                        for name in arrays.files
                        if name.startswith(prefix)
                    }
                    scorer.add_state(ScorerState(values, features))
                return dict(document["left_out"])
        except (OSError, ValueError, KeyError, EOFError) as problem:
            raise DataError(
                f"{self._file(block)} cannot be read: {reason_of(problem)}",
                "delete it, and run its shard again",
            ) from None

    def require(self, blocks: range) -> None:
        """Raise DataError if blocks have not been written."""
        if missing := self.missing(blocks):
            raise DataError(
                f"{len(missing)} of {len(blocks)} parts of {self._name} are not in {self._folder.parent}",
                "run all shards with the same options, then merge",
            )

    def _file(self, block: int) -> Path:
        return self._folder / f"{block:06}.npz"
