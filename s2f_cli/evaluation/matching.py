"""Which generated file belongs to which reference."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ENDINGS = (".face", ".sketch")


@dataclass(frozen=True)
class Matched:
    """Files in pairs under a common name, and those without a partner."""

    pairs: dict[str, tuple[Path, Path]]
    left_out: dict[str, str]
    """Files without a partner, each with the reason."""


def match(folder: Path, files: Sequence[Path], other_folder: Path, other_files: Sequence[Path]) -> Matched:
    """Pair the files of two folders whose paths below them are equal but for the suffix.

    The ending `.face` or `.sketch` that `s2f translate` adds to a stem is passed over where the full stem has
    no partner. Files that would pair with more than one are left out, as are those that pair with none.
    """
    pairs: dict[str, tuple[Path, Path]] = {}
    ambiguous: dict[Path, str] = {}
    first, second = list(files), list(other_files)
    for key in (_stem, _bare_stem):
        names = {file: key(file.relative_to(folder)) for file in first}
        others = {file: key(file.relative_to(other_folder)) for file in second}
        found, doubtful = _equal(names, others)
        pairs = found | pairs
        ambiguous |= doubtful
        taken = {file for pair in pairs.values() for file in pair} | set(doubtful)
        first = [file for file in first if file not in taken]
        second = [file for file in second if file not in taken]
    left_out = {str(file): reason for file, reason in ambiguous.items()}
    left_out |= {str(file): f"nothing in {other_folder} has its name" for file in first}
    left_out |= {str(file): f"nothing in {folder} has its name" for file in second}
    return Matched(dict(sorted(pairs.items())), left_out)


def _equal(
    names: dict[Path, str], others: dict[Path, str]
) -> tuple[dict[str, tuple[Path, Path]], dict[Path, str]]:
    counts, other_counts = Counter(names.values()), Counter(others.values())
    common = counts.keys() & other_counts.keys()
    unique = {name for name in common if counts[name] == other_counts[name] == 1}
    partner = {name: file for file, name in others.items() if name in unique}
    pairs = {name: (file, partner[name]) for file, name in names.items() if name in unique}
    reason = "several files have its name, so that its partner is not clear"
    doubtful = {file: reason for file, name in [*names.items(), *others.items()] if name in common - unique}
    return pairs, doubtful


def _stem(path: Path) -> str:
    return unicodedata.normalize("NFC", path.with_suffix("").as_posix())


def _bare_stem(path: Path) -> str:
    stem = _stem(path)
    for ending in _ENDINGS:
        stem = stem.removesuffix(ending)
    return stem
