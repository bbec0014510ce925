"""Findings and policy → verdict. The whole decision is in this file, and it touches nothing."""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.config import Mode
from agentguard.interpret.values import Truth
from agentguard.light import dataclass
from agentguard.policy import Policy
from agentguard.rulebook.model import Finding, Severity
from agentguard.syntax.errors import ShellSyntaxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

ALLOW, ASK, BLOCK = "allow", "ask", "block"
_STRICTNESS = (ALLOW, ASK, BLOCK)


class Judged(Protocol):
    """The part of an analysis that the decision needs."""

    @property
    def findings(self) -> Sequence[Finding]: ...

    @property
    def problem(self) -> ShellSyntaxError | None: ...

    @property
    def opaque(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """``decision`` is allow, ask or block; ``findings`` come strictest first; ``reason`` is "" for a plain allow.

    ``supervise``: allowed, but something runs whose inside could not be read.
    """

    decision: str
    supervise: bool
    findings: tuple[Finding, ...]
    reason: str


def judge(analysis: Judged, policy: Policy, *, attended: bool = False) -> Verdict:
    """Every finding is decided by itself and the strictest decision wins.

    ``attended`` says whether a person can be asked now: in strict mode nobody to ask means block.
    """
    standing = [finding for finding in analysis.findings if not policy.allows(finding)]
    ranked = sorted(standing, key=lambda finding: _rank(finding, policy), reverse=True)
    decisions = [_decide(finding, policy, attended) for finding in ranked]
    if analysis.problem is not None:
        # what is not understood is never lifted by a mode
        decisions.append(BLOCK if policy.mode is Mode.STRICT and not attended else ASK)
    decision = max(decisions, key=_STRICTNESS.index, default=ALLOW)
    supervise = bool(analysis.opaque) or any(finding.decision == "supervise" for finding in ranked)
    return Verdict(decision, supervise, tuple(ranked), _reason(decision, ranked, analysis, policy))


def _decide(finding: Finding, policy: Policy, attended: bool) -> str:
    if finding.floor and finding.certainty is Truth.YES:
        return BLOCK
    if not _wants_a_person(finding, policy):
        return ALLOW
    if policy.mode is Mode.OBSERVE and not finding.floor:
        return ALLOW
    return BLOCK if policy.mode is Mode.STRICT and not attended else ASK


def _wants_a_person(finding: Finding, policy: Policy) -> bool:
    if finding.decision == "ask":
        return finding.severity > Severity.LOW or finding.floor
    return policy.mode is Mode.STRICT and finding.decision == "supervise" and finding.severity >= Severity.MEDIUM


def _rank(finding: Finding, policy: Policy) -> tuple[bool, bool, Severity, Truth]:
    wanted = _wants_a_person(finding, policy)
    return (finding.floor and wanted, wanted, finding.severity, finding.certainty)


def _reason(decision: str, ranked: Sequence[Finding], analysis: Judged, policy: Policy) -> str:
    told = [finding for finding in ranked if _wants_a_person(finding, policy)]
    if told and (decision != ALLOW or policy.mode is Mode.OBSERVE):
        first = told[0]
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        maybe = "may do this: " if first.certainty is Truth.MAYBE else ""
        losing = f"; lost: {first.loses}" if first.loses else ""
        return f"{maybe}{first.title}{losing}{more}"
    if analysis.problem is not None:
        return analysis.problem.reason
    if ranked and decision == ALLOW:
        return f"noted: {ranked[0].title}"
    return f"runs unread: {analysis.opaque[0]}" if analysis.opaque else ""
