"""A scan as a Code Quality report of GitLab."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agentguard.output import visible
from agentguard.rulebook.model import Severity
from agentguard.scan.baseline import Found

_SEVERITIES = {Severity.CRITICAL: "blocker", Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor"}


def text(found: Sequence[Found]) -> str:
    """A list of issues. Fingerprints are unique in it."""
    return json.dumps([_issue(one) for one in found], indent=2)


def _issue(one: Found) -> dict[str, object]:
    hit = one.hit
    instead = f"; instead: {hit.instead}" if hit.instead else ""
    return {
        "type": "issue",
        "description": visible(f"{hit.title}{instead}"),
        "check_name": hit.rule,
        "fingerprint": one.fingerprint,
        "severity": _SEVERITIES[hit.severity],
        "categories": ["Security"],
        "location": {"path": visible(one.path), "lines": {"begin": hit.place.line, "end": hit.place.end_line}},
    }
