"""Gates of a run for whoever waits for them: lines for a terminal, JSON, JUnit XML, Markdown."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from turnwise.metrics.comparing import LABEL_SCALE, Change, Checked, Gate
from turnwise.report.comparing import change_interval_text, change_text, number_text
from turnwise.report.words import counted, interval_text, plain

__all__ = ["checked_as_json", "checked_as_junit", "checked_as_lines", "checked_as_markdown", "markdown_cell"]

# What XML 1.0 has no way to say.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")


def checked_as_json(checked: Checked) -> dict[str, Any]:
    """All fields by name."""
    return {"passed": checked.passed, **msgspec.to_builtins(checked)}


def checked_as_lines(checked: Checked) -> list[str]:
    """A line for each gate: passed or failed, what it asks, the number with its interval and counts, and why."""
    return [
        f"{'passed' if gate.passed else 'FAILED'}  {gate.benchmark}: {_asked(checked, gate)}; "
        f"{_number(gate)}; {gate.why}"
        for gate in checked.gates
    ]


def checked_as_junit(checked: Checked) -> str:
    """One test suite with a test case for each gate, as CI systems read them."""
    n_failed = sum(not gate.passed for gate in checked.gates)
    counts = {"tests": str(len(checked.gates)), "failures": str(n_failed), "errors": "0", "skipped": "0"}
    suites = ET.Element("testsuites", {"name": "turnwise", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": _xml(f"turnwise check {checked.run}"), "time": "0", **counts})
    properties = ET.SubElement(suite, "properties")
    for name, value in (("target", checked.target), ("judge", checked.judge), ("bound", checked.bound)):
        ET.SubElement(properties, "property", {"name": name, "value": _xml(value)})
    for gate in checked.gates:
        names = {"classname": _xml(f"turnwise.{gate.benchmark}"), "name": _xml(_asked(checked, gate)), "time": "0"}
        case = ET.SubElement(suite, "testcase", names)
        said = _xml(f"{_number(gate)}; {gate.why}")
        if gate.passed:
            ET.SubElement(case, "system-out").text = said
        else:
            ET.SubElement(case, "failure", {"type": "gate", "message": _xml(gate.why)}).text = said
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def checked_as_markdown(checked: Checked) -> str:
    """A heading and a table in the Markdown of GitHub."""
    n_failed = sum(not gate.passed for gate in checked.gates)
    of_all = counted(len(checked.gates), "gate")
    heading = f"{n_failed} of {of_all} failed" if n_failed else f"{of_all} passed"
    run, target, judge = map(markdown_cell, (checked.run, checked.target, checked.judge))
    about = f"Run {run}, target {target}, judged by {judge}."
    rows = [
        f"| {'passed' if gate.passed else '**failed**'} | "
        f"{' | '.join(map(markdown_cell, (gate.benchmark, _asked(checked, gate), *_cells(gate), gate.why)))} |"
        for gate in checked.gates
    ]
    head = "| | benchmark | gate | value | 95 % interval | n | failed | why |"
    return "\n".join(
        [f"### turnwise: {heading}", "", about, "", head, "|---|---|---|---|---|---:|---:|---|", *rows, ""]
    )


def _asked(checked: Checked, gate: Gate) -> str:
    """What a gate asks for."""
    name = plain(gate.measure)
    if gate.limit is None:
        return f"{name} no worse than {checked.against}"
    limit = f"{100 * gate.limit:g}%" if gate.scale == LABEL_SCALE else f"{gate.limit:g}"
    return f"{name} {'at most' if gate.better == 'lower' else 'at least'} {limit}"


def _number(gate: Gate) -> str:
    """The number with its interval and what it rests on."""
    if gate.number is None:
        return "no number"
    value, interval, n, n_failed = _cells(gate)
    return f"{' '.join(filter(None, (value, interval)))}, n {n}, failed {n_failed}"


def _cells(gate: Gate) -> tuple[str, str, str, str]:
    """Value, interval, n and n_failed of a gate's number."""
    number = gate.number
    if number is None:
        return "-", "", "0", "0"
    counts = f"{number.n:,}", f"{number.n_failed:,}"
    if isinstance(number, Change):
        return change_text(number), change_interval_text(number), *counts
    interval = interval_text(number.low, number.high)
    if gate.scale != LABEL_SCALE and number.low is not None and number.high is not None:
        interval = f"[{number.low:.2f}, {number.high:.2f}]"
    return number_text(number, gate.scale), interval, *counts


def _xml(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def markdown_cell(text: str) -> str:
    """Text that stays one plain cell of a table, whatever it holds."""
    return _MARKDOWN.sub(r"\\\1", _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split())))
