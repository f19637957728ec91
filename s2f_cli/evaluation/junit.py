"""Results as a JUnit report, which CI servers display."""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as Xml

from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.results import EvaluationResult
from s2f_cli.evaluation.xml_text import xml_text


def junit(
    results: Sequence[EvaluationResult],
    metrics: Mapping[str, Metric],
    gate_failures: Sequence[Mapping[str, str]],
) -> bytes:
    """An XML document with a suite for each measured result and a case for each metric and skipped file.

    `gate_failures` holds the metrics of each result that fail the gate, with an explanation. A metric that
    could not be computed and a file that was left out are errors.
    """
    root = Xml.Element("testsuites", name="s2f evaluate")
    for result, failures in zip(results, gate_failures, strict=True):
        if result.kind != "measured":
            continue
        suite = Xml.SubElement(root, "testsuite", name=xml_text(result.title))
        for name in metrics:
            case = Xml.SubElement(suite, "testcase", classname=xml_text(result.name), name=name)
            if name in result.scores.by_metric:
                value = Xml.SubElement(Xml.SubElement(case, "properties"), "property", name="score")
                value.set("value", repr(result.scores.by_metric[name].value))
            if name in result.scores.failed:
                Xml.SubElement(case, "error", message=xml_text(result.scores.failed[name].message))
            elif name in failures:
                Xml.SubElement(case, "failure", message=xml_text(failures[name]))
        for image, reason in result.left_out.items():
            case = Xml.SubElement(suite, "testcase", classname=xml_text(result.name), name=xml_text(image))
            Xml.SubElement(case, "error", message=xml_text(reason))
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("errors", str(len(suite.findall("testcase/error"))))
    Xml.indent(root)
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)
