"""Which sketchers draw the sketches that the items of a source lack."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from s2f_cli.core.errors import DataError
from s2f_cli.data.preparation.settings import PrepareSettings
from s2f_cli.data.sketching import Style, choose_styles
from s2f_cli.data.source import Item, LeftOut, Source


def check(settings: PrepareSettings, styles: Sequence[Style]) -> None:
    """Raise DataError if each face is to be drawn more often than there are styles."""
    if settings.drawings > max(len(styles), 1):
        raise DataError(
            f"--drawings {settings.drawings} is more than the number of sketchers, {len(styles)}",
            "name more with --sketcher, such as xdog,pencil,freehand",
        )


def items(source: Source, settings: PrepareSettings, styles: Sequence[Style]) -> Iterator[Item | LeftOut]:
    """The items of a source; those that lack a sketch have a sketcher and the attribute `style`.

    If only faces are taken, all of them lack a sketch. The styles of an item depend on its name and the seed.
    If each face is drawn several times, every drawing is an item, which is called after the style too.
    """
    listed = source.items()
    for item in map(_face_of, listed) if settings.only == "face" else listed:
        if not isinstance(item, Item) or "sketch" in item.images or item.sketcher or not styles:
            yield item
            continue
        for style in choose_styles(styles, settings.drawings, settings.seed, item.name):
            yield replace(
                item,
                name=item.name if settings.drawings == 1 else f"{item.name}-{style.name}",
                sketcher=style.key,
                photo=item.name,
                attributes={**item.attributes, "style": style.name},
            )


def _face_of(item: Item | LeftOut) -> Item | LeftOut:
    """An item without its own sketch."""
    if isinstance(item, LeftOut):
        return item
    return replace(item, images={d: image for d, image in item.images.items() if d == "face"}, sketcher="")
