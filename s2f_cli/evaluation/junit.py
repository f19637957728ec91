"""Scores as a JUnit report, which build servers show."""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as Xml

from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.rows import Row


def junit(rows: Sequence[Row], metrics: Mapping[str, Metric], problems: Sequence[Mapping[str, str]]) -> bytes:
    """An XML document: a suite for each measured row, a case for each metric and each file left out.

    `problems` holds for each row what it missed, metric → a line: these cases failed. Metrics that could not
    be computed and files that were left out are errors.
    """
    root = Xml.Element("testsuites", name="s2f evaluate")
    for row, missed in zip(rows, problems, strict=True):
        if row.kind != "measured":
            continue
        suite = Xml.SubElement(root, "testsuite", name=_text(f"{row.name} {row.direction}".strip()))
        for name in metrics:
            case = Xml.SubElement(suite, "testcase", classname=_text(row.name), name=name)
            if name in row.scores.metrics:
                value = Xml.SubElement(Xml.SubElement(case, "properties"), "property", name="score")
                value.set("value", repr(row.scores.metrics[name].value))
            if name in row.scores.failed:
                Xml.SubElement(case, "error", message=_text(row.scores.failed[name].message))
            elif name in missed:
                Xml.SubElement(case, "failure", message=_text(missed[name]))
        for image, reason in row.left_out.items():
            case = Xml.SubElement(suite, "testcase", classname=_text(row.name), name=_text(image))
            Xml.SubElement(case, "error", message=_text(reason))
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("errors", str(len(suite.findall("testcase/error"))))
    Xml.indent(root)
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)


def _text(text: str) -> str:
    """A text that XML can hold: control characters and lone surrogates, as names may have, escaped."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text
    )
