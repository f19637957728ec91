"""Pair the files of two folders by name."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ENDINGS = (".face", ".sketch")


@dataclass(frozen=True)
class Matches:
    """Pairs of files by their common name, and the files without a partner."""

    pairs: dict[str, tuple[Path, Path]]
    left_out: dict[str, str]
    """Files without a partner → reason."""


def match(folder: Path, files: Sequence[Path], other_folder: Path, other_files: Sequence[Path]) -> Matches:
    """Pair files whose paths below their folders are equal except for the suffix.

    If the full stem of a file has no partner, the ending `.face` or `.sketch` that `s2f translate` adds is
    ignored. A file with several possible partners, or with none, is left out.
    """
    pairs: dict[str, tuple[Path, Path]] = {}
    ambiguous: dict[Path, str] = {}
    remaining, other_remaining = list(files), list(other_files)
    for key in (_stem, _bare_stem):
        names = {file: key(file.relative_to(folder)) for file in remaining}
        other_names = {file: key(file.relative_to(other_folder)) for file in other_remaining}
        new_pairs, new_ambiguous = _match_names(names, other_names)
        pairs = new_pairs | pairs
        ambiguous |= new_ambiguous
        used = {file for pair in pairs.values() for file in pair} | set(new_ambiguous)
        remaining = [file for file in remaining if file not in used]
        other_remaining = [file for file in other_remaining if file not in used]
    left_out = {str(file): reason for file, reason in ambiguous.items()}
    left_out |= {str(file): f"no file in {other_folder} has the same name" for file in remaining}
    left_out |= {str(file): f"no file in {folder} has the same name" for file in other_remaining}
    return Matches(dict(sorted(pairs.items())), left_out)


def _match_names(
    names: dict[Path, str], other_names: dict[Path, str]
) -> tuple[dict[str, tuple[Path, Path]], dict[Path, str]]:
    """Pairs by name, and the files whose name occurs more than once on a side, each with the reason."""
    counts, other_counts = Counter(names.values()), Counter(other_names.values())
    common = counts.keys() & other_counts.keys()
    unique = {name for name in common if counts[name] == other_counts[name] == 1}
    partners = {name: file for file, name in other_names.items() if name in unique}
    pairs = {name: (file, partners[name]) for file, name in names.items() if name in unique}
    reason = "several files have the same name, so its partner is ambiguous"
    files = [*names.items(), *other_names.items()]
    return pairs, {file: reason for file, name in files if name in common - unique}


def _stem(path: Path) -> str:
    return unicodedata.normalize("NFC", path.with_suffix("").as_posix())


def _bare_stem(path: Path) -> str:
    stem = _stem(path)
    for ending in _ENDINGS:
        stem = stem.removesuffix(ending)
    return stem
