"""Prepare a data set: choose and split the items of a source, render their images, write the manifest.

    unpack           unpack archives given as options of the source
    drawings         which sketchers draw missing sketches
    selection        the items to take, and their splits
    pending          the items that are not rendered yet
    render_item      from an item to its files
    ledger           the journal that makes a preparation resumable
    duplicates       the policy for duplicates; near_duplicates finds them
    output_folder    the unfinished set, and the move to its final place

The set is built in `.NAME.preparing` beside its place and moved there when it is complete. A data set that
exists survives any failure, and the same call resumes an interrupted preparation.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.core.parallel import Engine, parallel_map
from s2f_cli.core.version import __version__
from s2f_cli.data import manifest, sketching
from s2f_cli.data.manifest import Header
from s2f_cli.data.preparation import drawings, output_folder, statistics
from s2f_cli.data.preparation.duplicates import drop_duplicates
from s2f_cli.data.preparation.ledger import Ledger
from s2f_cli.data.preparation.pending import PendingItems
from s2f_cli.data.preparation.render_item import render
from s2f_cli.data.preparation.selection import Selection, select
from s2f_cli.data.preparation.settings import PrepareSettings
from s2f_cli.data.preparation.unpack import by_archive, unpack_archives
from s2f_cli.data.sketching import Style
from s2f_cli.data.source import Source, as_text
from s2f_cli.faces import manual_eyes

__all__ = ["PrepareSettings", "Summary", "prepare"]


@dataclass(frozen=True)
class Summary:
    """A prepared data set."""

    folder: Path
    header: Header
    """The header of its manifest: licence, split, left-out files, duplicates."""
    splits: dict[str, dict[str, int]]
    """The numbers of faces, sketches, pairs and people of each split."""
    unpaired: dict[str, str] = field(default_factory=dict)
    """Images that were taken without a partner, although there are two folders; with the reason."""


def prepare(
    source: Source,
    output: Path,
    settings: PrepareSettings | None = None,
    *,
    styles: Sequence[Style] | None = None,
    overwrite: bool = False,
    workers: int = 0,
    engine: Engine = "local",
    command: str = "",
    on_progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Prepare the data set `output` from a source, or resume its interrupted preparation.

    A file that cannot be used is left out, with the reason in the summary's header. The result depends on
    the source and the settings alone, not on interruptions, `workers` or `engine`.

    Args:
        source: Where the items come from.
        output: The folder of the data set; created if it does not exist.
        settings: How to choose, align, resize and split; the defaults of `PrepareSettings` if None.
        styles: What draws missing sketches. None finds the sketchers that `settings.sketcher` names, but no
            models: `s2f_cli.inference.sketchers.find_styles` finds both.
        overwrite: Replace an existing data set.
        workers: Number of processes; 0 is one per core.
        engine: Where the processes run: `local`, or `ray` for a Ray cluster.
        command: The command line to note in the manifest.
        on_progress: Called with the number of finished items and of all items: when the source is
            listed, after each item, and at the end. An exception it raises interrupts the preparation.

    Raises:
        MissingPart: There is no sketcher of that name.
        DataError: `output` is taken, another process is preparing it, the source is missing, or no image
            is usable.
        S2FError: The disk is full or not writable; the same call resumes.
    """
    settings = settings or PrepareSettings()
    styles = sketching.find_styles(settings.sketcher) if styles is None else styles
    drawings.check(settings, styles)
    output_folder.check(output, overwrite)
    workspace = output_folder.workspace(output)
    unfinished = workspace / "set"
    eye_rows = list(manual_eyes.read_rows(settings.eyes)) if settings.eyes else []
    versions = [(style.key, style.version) for style in styles]
    key = hashlib.sha256(repr((__version__, source, settings, versions, eye_rows)).encode()).hexdigest()
    with Ledger(workspace, key) as ledger:
        packed = source
        source, refused = unpack_archives(packed, workspace / "unpacked")
        named = partial(by_archive, source=packed, unpacked=source)
        try:
            selection = select(source, settings, ledger, styles)
        except (DataError, ImageError) as problem:
            raise type(problem)(named(problem.message), named(problem.hint)) from None
        eyes = manual_eyes.PathSuffixIndex(eye_rows)

        report = on_progress or (lambda done, total: None)
        report(0, selection.count)
        pending = PendingItems(drawings.items(source, settings, styles), ledger, unfinished, eyes)
        work = partial(render, settings, unfinished, styles={style.key: style for style in styles})
        with closing(parallel_map(work, pending, workers, engine)) as outcomes:
            for rendered, outcome in enumerate(outcomes, start=1):
                ledger.record(outcome.item.item.name, outcome.result, outcome.reason)
                report(pending.finished + rendered, selection.count)
        report(selection.count, selection.count)

        failed = statistics.failures(ledger)
        left_out = {**selection.left_out, **refused, **failed, **eyes.unused()}
        left_out.pop(_path_in(left_out, output), None)
        left_out = {as_text(named(name)): as_text(named(reason)) for name, reason in left_out.items()}
        if len(failed) == selection.count:
            first, reason = next(iter(left_out.items()))
            raise DataError(
                f"no image of {source.name} is usable, {len(left_out)} were left out; "
                f"the first, {first}: {reason}",
                "fix the files or the options, and repeat the command",
            )
        duplicates = drop_duplicates(ledger, "ignore" if source.leaks() else settings.duplicates)
        has_parts = bool(ledger.value("SELECT max(part) FROM chosen"))
        header = Header(
            source=source.name,
            homepage=source.homepage,
            licence=source.terms(),
            command=command,
            split=_split_rule(source, settings, selection),
            left_out=left_out,
            duplicates={**selection.conflicts, **duplicates},
            selection=selection.filters,
            parts=statistics.counts(ledger, by="part") if has_parts else {},
        )
        manifest.write_lines(unfinished, header, statistics.manifest_lines(ledger))
        output_folder.remove_strays(unfinished, ledger)
        splits = statistics.counts(ledger)
    output_folder.publish(unfinished, output)
    shutil.rmtree(workspace, ignore_errors=True)
    unpaired = {as_text(named(name)): as_text(named(note)) for name, note in selection.unpaired.items()}
    return Summary(output, header, splits, unpaired)


def _path_in(names: Iterable[str], folder: Path) -> str:
    """The one of some paths that is `folder`, or an empty string."""
    place = folder.resolve()
    return next(
        (name for name in names if Path(name).name == place.name and Path(name).resolve() == place), ""
    )


def _split_rule(source: Source, settings: PrepareSettings, selection: Selection) -> str:
    random_rule = f"random by person, test share {settings.test_share:g}, seed {settings.seed}"
    published = source.split_rule()
    if not published or not selection.listed:
        rule = random_rule
    elif selection.listed == selection.count:
        rule = published
    else:
        rule = f"{published}; for names not on that list {random_rule}"
    if not settings.val_share:
        return rule
    return f"{rule}; of the people in train a share of {settings.val_share:g} in val, seed {settings.seed}"
