"""XMP (ISO 16684-1) of image files: simple properties by their usual prefixed names, as `xmp:CreatorTool`."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from PIL import Image

from s2f_cli.core import formats, video, video_xmp

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "s2f": "urn:s2f:xmp:1.0/",
}
"""The namespaces that are read and written, by prefix."""

_RESOURCE = f"{{{NAMESPACES['rdf']}}}resource"
_PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="{rdf}">
<rdf:Description rdf:about="" {properties}/>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_LONGEST = 1 << 20


def packet(properties: Mapping[str, str]) -> bytes:
    """A packet of properties, the same bytes for equal ones; empty if there are none."""
    used = {name: value for name, value in sorted(properties.items()) if value}
    if not used:
        return b""
    prefixes = dict.fromkeys(name.partition(":")[0] for name in used)
    attributes = [f'xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in prefixes]
    attributes += [f"{name}={quoteattr(value)}" for name, value in used.items()]
    return _PACKET.format(rdf=NAMESPACES["rdf"], properties="\n ".join(attributes)).encode()


def parse(data: bytes) -> dict[str, str]:
    """The simple properties of a packet of any program; none if it is broken."""
    if len(data) > _LONGEST or re.search(rb"<!(DOCTYPE|ENTITY)", data):
        return {}
    try:
        return dict(_properties(ElementTree.fromstring(data.strip(b"\0 \n\r\t"))))
    except (ElementTree.ParseError, ValueError, LookupError):
        return {}


def of(opened: Image.Image) -> dict[str, str]:
    """The simple properties of an opened image file."""
    with suppress(Exception):  # Pillow's parsers of EXIF raise many kinds
        opened.getexif()  # the XMP of a TIFF is one of its tags
    data = opened.info.get("xmp") or b""
    return parse(data.encode() if isinstance(data, str) else data)


def of_file(file: Path) -> dict[str, str]:
    """The simple properties of an image file, an SVG or a video; raises as `formats.opened`."""
    if file.suffix.lower() == ".svg":
        with file.open("rb") as opened:
            found = re.search(rb"<x:xmpmeta.*?</x:xmpmeta>", opened.read(_LONGEST), re.DOTALL)
        return parse(found[0]) if found else {}
    if file.suffix.lower() in video.SUFFIXES:
        return parse(video_xmp.read(file))
    with formats.opened(file) as image:
        return of(image)


def _properties(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    prefixes = {f"{{{space}}}": f"{prefix}:" for prefix, space in NAMESPACES.items()}

    def named(tag: str) -> str:
        space, _, name = tag.rpartition("}")
        return prefixes.get(f"{space}}}", "?:") + name

    for described in root.iter(f"{{{NAMESPACES['rdf']}}}Description"):
        yield from ((named(name), value) for name, value in described.items())
        yield from ((named(child.tag), child.get(_RESOURCE) or child.text or "") for child in described)
