"""A scan as JSON: everything that is known of each finding."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agentguard.output import visible
from agentguard.output_scan import named
from agentguard.redaction import redacted
from agentguard.scan.baseline import Found
from agentguard.scan.model import Place, Report


def text(report: Report, found: Sequence[Found]) -> str:
    """The report, indented. Lines and columns count from 1; the end is the character behind."""
    data = {
        "version": 1,
        "findings": [_finding(one) for one in found],
        "problems": [
            {**_place(problem.place), "message": visible(problem.message), "foreign": problem.foreign}
            for problem in report.problems
        ],
        "summary": {
            "files": report.files,
            "findings": len(found),
            "problems": len(report.problems),
            "silenced": report.silenced,
            "excluded": report.excluded,
            "seconds": round(report.seconds, 3),
        },
    }
    return json.dumps(data, indent=2)


def _finding(one: Found) -> dict[str, object]:
    hit = one.hit
    return {
        **_place(hit.place),
        "kind": hit.kind,
        "rule": hit.rule,
        "severity": hit.severity.name.lower(),
        "title": visible(hit.title),
        "target": visible(hit.target),
        "loses": visible(hit.loses),
        "reversible": hit.reversible,
        "instead": visible(hit.instead),
        "command": visible(hit.part),
        "source": visible(redacted(hit.source)),
        "fingerprint": one.fingerprint,
    }


def _place(place: Place) -> dict[str, object]:
    return {
        "file": visible(named(place.path)),
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }
