"""A scan as workflow commands of GitHub Actions, which show at the lines of a change."""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.output import visible
from agentguard.rulebook.model import Severity
from agentguard.scan.baseline import Found, from_top
from agentguard.scan.model import Hit, Report

_COMMANDS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}


def text(report: Report, found: Sequence[Found], root: str) -> str:
    """One command a line: ``::error file=…,line=…::message``. Paths are relative to ``root``."""
    lines = [_command(one) for one in found]
    for problem in report.problems:
        path, line = from_top(problem.place.path, root), str(problem.place.line)
        place = {"file": path, "line": line, "title": "agentguard: not read"}
        lines.append(f"::{'notice' if problem.foreign else 'warning'} {_properties(place)}::{_data(problem.message)}")
    return "\n".join(lines)


def _command(one: Found) -> str:
    hit = one.hit
    place = {"file": one.path, "line": str(hit.place.line), "col": str(hit.place.column)}
    if hit.place.end_line == hit.place.line:  # an end column is only understood within one line
        place["endColumn"] = str(hit.place.end_column)
    else:
        place["endLine"] = str(hit.place.end_line)
    place["title"] = f"agentguard: {hit.rule} ({hit.severity.name.lower()})"
    return f"::{_COMMANDS[hit.severity]} {_properties(place)}::{_data(_message(hit))}"


def _message(hit: Hit) -> str:
    lines = [hit.title]
    lines += [f"lost: {hit.loses}"] if hit.loses else []
    lines += [f"instead: {hit.instead}"] if hit.instead else []
    return "\n".join(lines)


def _properties(given: dict[str, str]) -> str:
    return ",".join(f"{name}={_property(value)}" for name, value in given.items())


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _data(value: str) -> str:
    """``value`` with what would end a command, or begin another one, written as GitHub reads it."""
    return "%0A".join(visible(line).replace("%", "%25") for line in value.split("\n"))
