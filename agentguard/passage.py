"""From an answer to running or not: ask whoever can be asked, write the log, and say why something does not run.

What ``agentguard exec``, the shell and the gate have in common. On the way of an allowed command nothing is imported
that it does not need.
"""

from __future__ import annotations

from collections.abc import Mapping

from agentguard.config import Mode
from agentguard.confirm.attended import attended
from agentguard.frontdoor import Answer
from agentguard.harness.detect import harness
from agentguard.judge import ALLOW, ASK
from agentguard.light import dataclass

REFUSED = 126
FAILED = 125

#: how a settled request is written in the log
_OUTCOMES = {"approved": "approved", "standing": "approved", "denied": "denied", "waiting": "timeout",
             "expired": "timeout", "failed": "failed", "refused": "refused"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caller:
    """Who wants something run, and where."""

    cwd: str
    env: Mapping[str, str]
    attended: bool
    harness: str


def caller(cwd: str, env: Mapping[str, str]) -> Caller:
    """The caller of this process."""
    return Caller(cwd, env, attended(env), harness(env))


def passes(answer: Answer, who: Caller) -> int:
    """0 where the command is to run now; else the exit status (126 refused, 125 failed), and why was said on stderr."""
    from agentguard import audit

    decision = answer.verdict.decision
    if decision == ALLOW:
        run, outcome, request, message = True, audit.let_run(answer), "", ""
    else:
        _warn(answer)
        run, outcome, request, message = _settled(answer, who)
    status = 0 if run else FAILED if answer.failure else REFUSED
    trouble = audit.record(
        answer, outcome=outcome, request=request, status=status or None, harness=who.harness, cwd=who.cwd
    )
    if trouble:
        from agentguard import output

        output.error(trouble)
        if run and answer.policy.mode is Mode.STRICT:
            output.error("not run: in strict mode every command must be in the log")
            return REFUSED
    if not run:
        from agentguard import output

        if outcome == "denied" and not request:
            output.error("not run, as you said")  # whoever said so has just read the rest
        else:
            output.refusal(answer, message)
    elif not who.attended:
        from agentguard.confirm import guarded

        guarded.mark_guarded()
    return status


def _settled(answer: Answer, who: Caller) -> tuple[bool, str, str, str]:
    """Whether to run it after all, the outcome for the log, the request's id, and what to tell the caller."""
    if answer.failure:
        return False, "failed", "", ""
    if answer.verdict.decision == ASK and who.attended:
        from agentguard.confirm import terminal

        run = terminal.ask(answer)
        return run, "approved" if run else "denied", "", ""
    from agentguard.confirm import asking

    wait = answer.policy.wait
    settled = asking.settle(answer, cwd=who.cwd, env=who.env, wait=wait)
    return settled.run, _OUTCOMES[settled.outcome], settled.request, settled.message


def by_a_person(who: Caller) -> bool:
    """Whether the terminal is a person's own as far as can be told: a harness can make one and type into it.

    Asked where everything typed would go unjudged; at a question, the harnesses that have a terminal leave it to the
    person in front of it.
    """
    if not who.attended:
        return False
    from agentguard.confirm import approver

    return not approver.refusal(who.env)


def _warn(answer: Answer) -> None:
    """What is wrong with the configuration is said where something is stopped, not before every command."""
    if answer.policy.warnings:
        from agentguard import output

        for warning in answer.policy.warnings:
            output.error(warning)
