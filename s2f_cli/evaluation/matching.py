"""Pair the files of two folders by name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from s2f_cli.core import names as names_alike

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
    ignored, then case and words like `sketch` (`names.loose`). A file with several possible partners, or with
    none, is left out. Unicode forms are equal.
    """
    pairs: dict[str, tuple[Path, Path]] = {}
    ambiguous: dict[Path, str] = {}
    remaining, other_remaining = list(files), list(other_files)
    for key in (_stem, _bare_stem, _loose_stem):
        names = {file: key(file.relative_to(folder)) for file in remaining}
        other_names = {file: key(file.relative_to(other_folder)) for file in other_remaining}
        new_pairs, new_ambiguous = _match_names(names, other_names)
        pairs = new_pairs | pairs
        ambiguous |= new_ambiguous
        used = {file for pair in pairs.values() for file in pair} | set(new_ambiguous)
        remaining = [file for file in remaining if file not in used]
        other_remaining = [file for file in other_remaining if file not in used]
    left_out = {str(file): reason for file, reason in ambiguous.items()}
    left_out |= _without_partner(remaining, other_folder, other_remaining)
    left_out |= _without_partner(other_remaining, folder, remaining)
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


def _without_partner(files: list[Path], other_folder: Path, candidates: list[Path]) -> dict[str, str]:
    """Files without a partner, with a reason that names the nearest candidate."""
    names = {_stem(file): file for file in candidates}
    reasons = {}
    for file in files:
        nearest = names_alike.nearest(_stem(file), names)
        hint = f"; the nearest without a partner is {names[nearest]}" if nearest else ""
        reasons[str(file)] = f"no file in {other_folder} has the same name{hint}"
    return reasons


def _stem(path: Path) -> str:
    return names_alike.composed(path.with_suffix("").as_posix())


def _bare_stem(path: Path) -> str:
    stem = _stem(path)
    for ending in _ENDINGS:
        stem = stem.removesuffix(ending)
    return stem


def _loose_stem(path: Path) -> str:
    return names_alike.loose(_bare_stem(path))
