"""An ``ask`` with nobody at the terminal: use an approval, or file a request and wait for the answer a little."""

from __future__ import annotations

from collections.abc import Mapping

from agentguard.judge import ASK
from agentguard.light import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.confirm.requests import Request
    from agentguard.frontdoor import Answer

#: a person is told about new requests only while so few are open
_TOLD_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Settled:
    """``outcome``: approved, standing, waiting, denied, expired, failed, or refused (nobody may be asked about it).

    ``request`` is its id or "". ``message`` is one line for whoever wanted to run the command, or "".
    """

    run: bool
    outcome: str
    request: str
    message: str


def settle(answer: Answer, *, cwd: str, env: Mapping[str, str], wait: float) -> Settled:
    """Whether a command may run after all. Waits up to ``wait`` seconds for a person; never raises for bad state."""
    if answer.verdict.decision != ASK or answer.failure:
        return Settled(False, "refused", "", "")
    from agentguard.confirm import requests
    from agentguard.confirm.state import StateError

    try:
        return _settle(answer, cwd, env, wait)
    except (requests.RequestsError, StateError) as error:
        return Settled(False, "failed", "", f"the requests cannot be used: {error}")


def _settle(answer: Answer, cwd: str, env: Mapping[str, str], wait: float) -> Settled:
    import time

    from agentguard.confirm import requests
    from agentguard.confirm.described import draft

    wanted = draft(answer, cwd)
    end = time.monotonic() + wait
    while True:
        approved = requests.take(wanted.digest)
        if approved is not None:
            return Settled(True, "approved", approved.id, "")
        standing = requests.stands(wanted.keys, wanted.project)
        if standing:
            return Settled(True, "standing", standing, "")
        request, new = requests.file(wanted)
        if new and answer.policy.notify and len(requests.pending()) <= _TOLD_AT_MOST:
            from agentguard.confirm.notify import notify

            notify(request.id, wanted.findings[0].title if wanted.findings else wanted.reason, env)
        if request.state == requests.PENDING and (left := end - time.monotonic()) > 0:
            request = requests.wait(request.id, left)
        if request.state not in (requests.APPROVED, requests.USED):
            return _refused(request)
        # a yes was given: for this process, or for another that waits for the same and was faster; then ask anew


def _refused(request: Request) -> Settled:
    from agentguard.confirm.requests import DENIED, PENDING
    from agentguard.output import line

    if request.state == DENIED:
        why = f": {line(request.why)}" if request.why else ""
        return Settled(
            False, "denied", request.id, f"a person said no to {request.id}{why}; do not try it another way"
        )
    if request.state == PENDING:
        return Settled(
            *(False, "waiting", request.id),
            message="stop, and tell your user: in a terminal of their own, "
            f"agentguard approve {request.id} lets it run once",
        )
    return Settled(False, "expired", request.id, f"request {request.id} is {request.state}; nothing was run")
