"""A scan as SARIF 2.1.0, the format of code scanning services."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from urllib.parse import quote

from agentguard import __version__
from agentguard.output import UNDO, visible
from agentguard.redaction import redacted
from agentguard.rulebook.model import Severity
from agentguard.scan.baseline import Found, from_top
from agentguard.scan.model import Hit, Place, Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
#: on the scale of CVSS, in whose bands services show critical, high, medium and low
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}


def text(report: Report, found: Sequence[Found], root: str) -> str:
    """The log of one run. Paths are relative to ``root``, which is named ``PROJECT`` and not spelled out."""
    worst: dict[str, Hit] = {}
    for one in found:
        known = worst.get(one.hit.rule)
        if known is None or known.severity < one.hit.severity:
            worst[one.hit.rule] = one.hit
    order = {rule: number for number, rule in enumerate(sorted(worst))}
    run = {
        "tool": {
            "driver": {"name": "agentguard", "version": __version__, "rules": [_rule(worst[rule]) for rule in order]}
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"PROJECT": {"description": {"text": "the top of the project"}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notes(report, root)}],
        "results": [_result(one, order[one.hit.rule]) for one in found],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(hit: Hit) -> dict[str, object]:
    # a rule's own texts hold places for what it hits; those of its worst hit stand for them
    said = ". ".join(visible(part).rstrip(".") for part in (hit.loses, UNDO.get(hit.reversible, "")) if part)
    return {
        "id": hit.rule,
        "shortDescription": {"text": hit.rule.replace(".", ": ", 1).replace("-", " ")},
        "fullDescription": {"text": said or visible(hit.title)},
        "help": {"text": f"Instead: {visible(hit.instead)}" if hit.instead else visible(hit.title)},
        "defaultConfiguration": {"level": _LEVELS[hit.severity]},
        "properties": {"security-severity": _SCORES[hit.severity], "tags": ["security"]},
    }


def _result(one: Found, rule: int) -> dict[str, object]:
    hit = one.hit
    said = [hit.title, f"loses {hit.loses}" if hit.loses else "", f"instead: {hit.instead}" if hit.instead else ""]
    return {
        "ruleId": hit.rule,
        "ruleIndex": rule,
        "level": _LEVELS[hit.severity],
        "message": {"text": visible("; ".join(part for part in said if part))},
        "locations": [{"physicalLocation": _location(hit.place, one.path, hit.source)}],
        "partialFingerprints": {"agentguard/v1": one.fingerprint},
        "properties": {"severity": hit.severity.name.lower(), "target": visible(hit.target), "kind": hit.kind},
    }


def _notes(report: Report, root: str) -> list[dict[str, object]]:
    return [
        {
            "level": "note" if problem.foreign else "warning",
            "message": {"text": visible(problem.message)},
            "locations": [{"physicalLocation": _location(problem.place, from_top(problem.place.path, root), "")}],
        }
        for problem in report.problems
    ]


def _location(place: Place, path: str, source: str) -> dict[str, object]:
    address: dict[str, object] = {"uri": quote(os.fsencode(path)), "uriBaseId": "PROJECT"}
    if os.path.isabs(path):
        address = {"uri": f"file://{quote(os.fsencode(path))}"}
    region: dict[str, object] = {"startLine": max(place.line, 1), "startColumn": max(place.column, 1)}
    if (place.end_line, place.end_column) > (place.line, place.column):
        region |= {"endLine": place.end_line, "endColumn": max(place.end_column, 1)}
    if source:
        region["snippet"] = {"text": visible(redacted(source))}
    return {"artifactLocation": address, "region": region}
