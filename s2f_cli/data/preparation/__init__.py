"""From the items of a source to a data set on disk: names, splits, files, hashes, the manifest.

A data set is made in a temporary folder beside its place and takes that place when it is whole: what stood
there before survives any failure, and an interrupted preparation goes on where it stopped.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

from s2f_cli import __version__
from s2f_cli.core import archives
from s2f_cli.core.errors import DataError
from s2f_cli.core.files import atomic_write
from s2f_cli.core.images import Domain
from s2f_cli.core.parallel import Engine, each
from s2f_cli.data import manifest
from s2f_cli.data.manifest import FILE, Header
from s2f_cli.data.preparation import statistics
from s2f_cli.data.preparation.ledger import Ledger
from s2f_cli.data.preparation.render_item import Job, make, stamp
from s2f_cli.data.preparation.selection import choose
from s2f_cli.data.preparation.settings import PrepareSettings
from s2f_cli.data.source import Item, Source, as_text
from s2f_cli.faces import manual_eyes

__all__ = ["Preparation", "PrepareSettings", "Summary"]


@dataclass(frozen=True)
class Summary:
    """What was prepared: the header of its manifest, and the number of pictures and people of each split."""

    header: Header
    splits: dict[str, dict[str, int]]


class Preparation:
    """One run of `s2f prepare`: `plan()`, then `run()` to its end, then `finish()`."""

    def __init__(self, source: Source, output: Path, settings: PrepareSettings, command: str = "") -> None:
        self.source, self.output, self.settings, self.command = source, output, settings, command
        self.done = 0
        """How many items are made, or left out, so far."""
        self._workshop = output.parent / f".{output.name}.preparing"
        self._set = self._workshop / "set"

    def check_output(self, overwrite: bool) -> None:
        """Raises DataError when the output folder is taken, unless it is a data set that may be replaced."""
        if not self.output.exists() or (self.output.is_dir() and not any(self.output.iterdir())):
            return
        if not (self.output / FILE).is_file():
            raise DataError(
                f"{self.output} exists and is not a data set of s2f, so it is left alone",
                "choose another folder with --output",
            )
        if not overwrite:
            raise DataError(
                f"{self.output} already holds a data set",
                "replace it with --overwrite, or choose another folder with --output",
            )

    def plan(self) -> int:
        """Unpack archives, list the source, choose; the number of items to make.

        Raises DataError when nothing is left to prepare, or another process is preparing the same output.
        """
        rows = list(manual_eyes.rows(self.settings.eyes)) if self.settings.eyes else []
        self._eyes = manual_eyes.PathSuffixIndex(rows)
        key = hashlib.sha256(repr((__version__, self.source, self.settings, rows)).encode()).hexdigest()
        self._ledger = Ledger(self._workshop, key)
        refused = self._unpack()
        self._choice = choose(self.source, self.settings, self._ledger)
        self._choice.left_out |= refused
        return self._choice.count

    def run(self, workers: int = 0, engine: Engine = "local") -> Iterator[str]:
        """Make every image, yielding each item's name when it is done; a bad one is left out with its reason.

        What an interrupted run has done is counted in `done` and not made again. Raises S2FError when the
        disk is full or may not be written; the same command goes on later.
        """
        function = partial(make, self.settings, self._set)
        for outcome in each(function, self._jobs(), workers, engine):
            name = outcome.thing.item.name
            self._ledger.note(name, outcome.result, outcome.reason)
            self.done += 1
            yield name

    def finish(self) -> Summary:
        """Sort out duplicates, write the manifest, put the data set in its place.

        Raises DataError when no image could be used.
        """
        ledger = self._ledger
        failed = dict(
            ledger.rows("SELECT name, reason FROM chosen JOIN made USING (name) WHERE reason != ''")
        )  # type: ignore[arg-type]
        left_out = self._choice.left_out | failed | self._eyes.unused()
        if len(failed) == self._choice.count:
            reason = next(iter(left_out.values()), "")
            raise DataError("no image could be used", f"the first was left out because: {reason}")
        policy = "ignore" if self.source.leaks() else self.settings.duplicates
        duplicates = self._choice.apart | statistics.drop_duplicates(ledger, policy)
        in_parts = ledger.value("SELECT max(part) FROM chosen")
        header = Header(
            source=self.source.name,
            homepage=self.source.homepage,
            licence=self.source.terms(),
            command=self.command,
            split=self._split_rule(),
            left_out={as_text(name): as_text(reason) for name, reason in left_out.items()},
            duplicates=duplicates,
            selection=self._choice.selection,
            parts=statistics.table(ledger, by="part") if in_parts else {},
        )
        kept = "SELECT line FROM chosen JOIN made USING (name) WHERE line != '' ORDER BY chosen.split, safe"
        manifest.write_lines(self._set, header, (line for (line,) in ledger.rows(kept)))
        self._remove_strays()
        splits = statistics.table(ledger)
        ledger.close()
        _put(self._set, self.output)
        shutil.rmtree(self._workshop, ignore_errors=True)
        return Summary(header, splits)

    def close(self) -> None:
        """Leave it as it is; the same preparation goes on later."""
        self._ledger.close()

    def _jobs(self) -> Iterator[Job]:
        """The chosen items that are not made yet."""
        known = (
            "SELECT chosen.split, made.split, stamp FROM chosen LEFT JOIN made USING (name) WHERE name = ?"
        )
        for item in self.source.items():
            if not isinstance(item, Item) or (found := self._ledger.row(known, item.name)) is None:
                continue
            split, made_split, made_stamp = found
            if made_split == split and made_stamp == stamp(item) and self._has_files(item):
                self.done += 1
            else:
                yield Job(item, split, self._eyes_of(item))

    def _eyes_of(self, item: Item) -> dict[Domain, manual_eyes.Eyes]:
        files = {domain: file for domain, file in item.pictures.items() if isinstance(file, Path)}
        return {domain: found for domain, file in files.items() if (found := self._eyes.of(file))}

    def _has_files(self, item: Item) -> bool:
        pictures = self._ledger.rows("SELECT file, size FROM pictures WHERE name = ?", item.name)
        files = [(self._set / file, size) for file, size in pictures]
        return all(file.is_file() and file.stat().st_size == size for file, size in files)

    def _unpack(self) -> dict[str, str]:
        """Archives among the source's fields give way to the folders that they are unpacked into."""
        refused: dict[str, str] = {}
        for option in fields(self.source):  # type: ignore[arg-type]
            given = getattr(self.source, option.name)
            if not isinstance(given, Path) or not archives.is_archive(given):
                continue
            folder = self._workshop / "unpacked" / option.name
            note = folder.with_name(f"{option.name}.json")
            version = [given.stat().st_size, given.stat().st_mtime_ns]
            noted = json.loads(note.read_text()) if note.is_file() else {}
            if noted.get("version") != version:
                shutil.rmtree(folder, ignore_errors=True)
                noted = {"version": version, "refused": archives.unpack(given, folder)}
                atomic_write(note, json.dumps(noted))
            refused |= noted["refused"]
            self.source = replace(self.source, **{option.name: folder})  # type: ignore[type-var]
        return refused

    def _remove_strays(self) -> None:
        """Remove images of items that were dropped, or that an earlier run made and this one did not want."""
        ours = "SELECT 1 FROM chosen JOIN pictures USING (name) WHERE file_name = ? AND file = ?"
        for folder in self._set.glob("*/*/"):
            inside = folder.relative_to(self._set).as_posix()
            with os.scandir(folder) as files:
                for found in files:
                    name = found.name.rpartition(".")[0].casefold()
                    if not self._ledger.row(ours, name, f"{inside}/{found.name}"):
                        (folder / found.name).unlink()

    def _split_rule(self) -> str:
        settings, choice = self.settings, self._choice
        random_rule = f"random by person, test share {settings.test_share:g}, seed {settings.seed}"
        rule = self.source.split_rule()
        if not rule or not choice.listed:
            return random_rule
        everyone = choice.listed == choice.count
        return rule if everyone else f"{rule}; for names not on that list {random_rule}"


def _put(new: Path, place: Path) -> None:
    """Put the folder `new` at `place`; what stood there is removed only when the new one stands."""
    old = place.parent / f".{place.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
