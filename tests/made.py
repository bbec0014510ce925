"""Made-up findings and answers for tests of the stages behind the rulebook."""

from __future__ import annotations

from types import SimpleNamespace

from agentguard.frontdoor import Answer
from agentguard.interpret.invocation import Invocation, Step
from agentguard.interpret.values import Truth, literal
from agentguard.judge import Judged, judge
from agentguard.operations import Opaque
from agentguard.policy import Policy
from agentguard.rulebook.model import Finding, Severity
from agentguard.syntax.errors import ShellSyntaxError


def made_finding(
    rule: str = "git.push-force",
    severity: Severity = Severity.HIGH,
    decision: str = "ask",
    *,
    certainty: Truth = Truth.YES,
    floor: bool = False,
    target: str = "origin/main",
    environment: str = "unknown",
    cwd: str = "/home/dev/app",
    place: str = "",
    words: tuple[str, ...] = ("git", "push", "--force"),
    trail: tuple[Step, ...] = (),
) -> Finding:
    invocation = Invocation(tuple(map(literal, words)), (0, 16), trail, {}, literal(cwd), place=place)
    return Finding(
        rule=rule,
        title=f"overwrites the remote branch {target}",
        severity=severity,
        certainty=certainty,
        reversible="partly",
        loses="commits that others pushed",
        instead="git push --force-with-lease",
        floor=floor,
        decision=decision,
        target=target,
        environment=environment,
        operation=Opaque("made up"),
        invocation=invocation,
    )


def made_analysis(*findings: Finding, problem: str = "", opaque: tuple[str, ...] = ()) -> Judged:
    error = ShellSyntaxError("syntax", problem, (0, 1)) if problem else None
    return SimpleNamespace(
        findings=list(findings), problem=error, opaque=list(opaque), invocations=[], operations=[]
    )


def made_answer(*findings: Finding, problem: str = "", text: str = "git push --force", failure: str = "") -> Answer:
    policy = Policy()
    verdict = judge(made_analysis(*findings, problem=problem), policy)
    return Answer(text, verdict, policy, failure=failure)
