"""What a request holds: the command as it stands, what it does in words, and what an approval of it is good for."""

from __future__ import annotations

import hashlib
import json
import os

from agentguard.interpret.values import Truth
from agentguard.light import dataclass
from agentguard.operations import ProgramCall
from agentguard.rulebook.model import Severity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.frontdoor import Answer
    from agentguard.rulebook.model import Finding

_VERSION = 2


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding as a person reads it. ``facts`` are (label, one printable line)."""

    rule: str
    title: str
    severity: str
    target: str
    environment: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What is filed. ``typed`` is the name that approving asks for, "" where y is enough.

    ``keys``: what a standing approval would cover, one text for each finding; empty where none may stand.
    """

    digest: str
    text: str
    cwd: str
    project: str
    reason: str
    findings: tuple[Noted, ...]
    typed: str
    keys: tuple[str, ...]


def draft(answer: Answer, cwd: str) -> Draft:
    """The request that an answer of ``ask`` comes to."""
    from agentguard import output
    from agentguard.confirm.terminal import expected

    told = [finding for finding in answer.verdict.findings if finding.decision == "ask" or finding.floor]
    noted = tuple(
        Noted(
            finding.rule,
            output.line(finding.title),
            finding.severity.name.lower(),
            finding.target,
            finding.environment,
            tuple(output.details(finding)),
        )
        for finding in told
    )
    return Draft(
        digest(answer, cwd), answer.text, cwd, project(cwd), answer.verdict.reason, noted, expected(answer),
        keys(answer, cwd),
    )


def digest(answer: Answer, cwd: str) -> str:
    """The identity of what is asked: text, what the shell starts with, directory, what was found in which words, user.

    Anything that would change what a person agreed to changes the digest.
    """
    found = sorted(_identity(finding) for finding in answer.verdict.findings)
    start = answer.start
    started = [start.name, start.arguments, start.before] if start is not None else []
    whole = [_VERSION, answer.text, cwd, found, os.getuid(), answer.verdict.reason, started]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def keys(answer: Answer, cwd: str) -> tuple[str, ...]:
    """What an approval for some time is good for: each finding as rule, target, environment and place.

    Empty, so that nothing stands, for the floor, for text that was not understood, and where a target is not
    certain, cut short, or in another project. The target of a plain call is but its operands: there the words and
    variables of the call are part of the key.
    """
    asked = [finding for finding in answer.verdict.findings if finding.severity > Severity.LOW or finding.floor]
    analysis = answer.analysis
    if not asked or answer.failure or (analysis is not None and analysis.problem is not None):
        return ()
    here = project(cwd)
    if not all(_certain(finding, here) for finding in asked):
        return ()
    return tuple(sorted({_key(finding) for finding in asked}))


def project(cwd: str) -> str:
    """The nearest directory above with a repository in it, else the directory itself; links resolved."""
    path = start = os.path.realpath(cwd)
    while not os.path.lexists(os.path.join(path, ".git")):
        parent = os.path.dirname(path)
        if parent == path:
            return start
        path = parent
    return path


def _certain(finding: Finding, here: str) -> bool:
    if finding.floor or finding.certainty is not Truth.YES or not finding.target or "…" in finding.target:
        return False
    where = finding.invocation.cwd.known
    return bool(finding.invocation.place) or (where is not None and project(where) == here)


def _key(finding: Finding) -> str:
    call: list[object] = []
    if isinstance(finding.operation, ProgramCall):
        invocation = finding.invocation
        call = [[str(word) for word in invocation.argv], sorted((k, str(v)) for k, v in invocation.env.items())]
    return json.dumps([finding.rule, finding.target, finding.environment, finding.invocation.place, call])


def _identity(finding: Finding) -> list[object]:
    invocation = finding.invocation
    return [
        *(finding.rule, finding.target, finding.environment, finding.severity.name, invocation.place),
        str(invocation.cwd),
        [str(word) for word in invocation.argv],
    ]
