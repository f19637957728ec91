"""The chosen items that a preparation has not rendered yet."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from s2f_cli.data.preparation.ledger import Ledger
from s2f_cli.data.preparation.render_item import RenderJob, stamp
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.faces import manual_eyes
from s2f_cli.models.domains import Domain

_STATE = "SELECT chosen.split, made.split, stamp FROM chosen LEFT JOIN made USING (name) WHERE name = ?"


class PendingItems:
    """Iterates over the chosen items that are not rendered yet; `finished` counts the items it skips.

    An item is finished when an earlier run rendered it into the same split, its source files have not
    changed since, and its images are in `folder` with their full size.
    """

    def __init__(
        self,
        items: Iterable[Item | LeftOut],
        ledger: Ledger,
        folder: Path,
        eyes: manual_eyes.PathSuffixIndex,
    ) -> None:
        self._items, self._ledger, self._folder, self._eyes = items, ledger, folder, eyes
        self.finished = 0

    def __iter__(self) -> Iterator[RenderJob]:
        for item in self._items:
            if not isinstance(item, Item) or (state := self._ledger.row(_STATE, item.name)) is None:
                continue
            split, rendered_split, rendered_stamp = state
            if rendered_split == split and rendered_stamp == stamp(item) and self._has_images(item):
                self.finished += 1
            else:
                yield RenderJob(item, split, self._eyes_of(item))

    def _has_images(self, item: Item) -> bool:
        rows = self._ledger.rows("SELECT file, size FROM pictures WHERE name = ?", item.name)
        files = [(self._folder / file, size) for file, size in rows]
        return all(file.is_file() and file.stat().st_size == size for file, size in files)

    def _eyes_of(self, item: Item) -> dict[Domain, manual_eyes.Eyes]:
        files = {domain: file for domain, file in item.images.items() if isinstance(file, Path)}
        return {domain: eyes for domain, file in files.items() if (eyes := self._eyes.find(file))}
