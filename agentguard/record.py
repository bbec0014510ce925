"""Verdicts, findings, invocations and operations as JSON-ready data: the stable shape of ``explain --json``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum

from agentguard.frontdoor import Answer
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.judge import ALLOW, Verdict
from agentguard.light import fields, is_dataclass
from agentguard.rulebook.model import Finding

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def verdict(given: Verdict) -> dict[str, Json]:
    """``rule`` and ``severity`` are those of the strictest finding, null where there is none."""
    first = given.findings[0] if given.findings else None
    return {
        "verdict": given.decision,
        "supervise": given.supervise and given.decision == ALLOW,
        "rule": first.rule if first else None,
        "severity": first.severity.name.lower() if first else None,
        "reason": given.reason,
        "findings": [finding(item) for item in given.findings],
    }


def answer(given: Answer) -> dict[str, Json]:
    """A verdict with every invocation and operation that was seen."""
    analysis = given.analysis
    return {
        "command": given.text,
        **verdict(given.verdict),
        "mode": given.policy.mode.name.lower(),
        "opaque": list(analysis.opaque) if analysis else [],
        "invocations": [invocation(item) for item in analysis.invocations] if analysis else [],
        "operations": [
            {**operation(item), "argv": _argv(source), "span": list(source.span), "trail": _trail(source)}
            for item, source in (analysis.operations if analysis else ())
        ],
    }


def finding(given: Finding) -> dict[str, Json]:
    return {
        "rule": given.rule,
        "title": given.title,
        "severity": given.severity.name.lower(),
        "certainty": given.certainty.name.lower(),
        "decision": given.decision,
        "floor": given.floor,
        "target": given.target,
        "environment": given.environment,
        "loses": given.loses,
        "reversible": given.reversible,
        "instead": given.instead,
        "argv": _argv(given.invocation),
        "span": list(given.invocation.span),
        "trail": _trail(given.invocation),
    }


def invocation(given: Invocation) -> dict[str, Json]:
    """``argv`` holds null for a word that only running would tell; ``words`` shows what is known of it."""
    return {
        "argv": _argv(given),
        "words": [str(word) for word in given.argv],
        "span": list(given.span),
        "trail": _trail(given),
        "cwd": given.cwd.known,
        "place": given.place,
    }


def operation(given: object) -> dict[str, Json]:
    """Any operation as ``{"kind": its class, …its fields}``."""
    return {"kind": type(given).__name__, **_fields(given)}


def _argv(given: Invocation) -> list[Json]:
    return [word.known for word in given.argv]


def _trail(given: Invocation) -> list[Json]:
    return [{"label": step.label, "span": list(step.span)} for step in given.trail]


def _fields(given: object) -> dict[str, Json]:
    assert is_dataclass(given)
    return {item.name: _plain(getattr(given, item.name)) for item in fields(given)}


def _plain(given: object) -> Json:
    if given is None or isinstance(given, str | bool | float):
        return given
    if isinstance(given, Value):
        return given.known if given.known is not None else {"unknown": str(given)}
    if isinstance(given, Enum):
        return given.name.lower() if isinstance(given, IntEnum) else str(given.value)
    if isinstance(given, int):
        return given
    if isinstance(given, Mapping):
        return {str(key): _plain(value) for key, value in given.items()}
    if isinstance(given, frozenset | set):
        return [*sorted(str(item) for item in given)]
    if isinstance(given, tuple | list):
        return [_plain(item) for item in given]
    return _fields(given)
