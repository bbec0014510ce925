"""A person answers a request: who they are is looked at, what they see is everything, and what they type decides."""

from __future__ import annotations

import os

from agentguard.confirm import approver, passphrase, requests
from agentguard.confirm.requests import Request


class Refused(Exception):
    """No answer was given. The message says why, for a person."""


def person() -> None:
    """Nobody but a person at their own terminal gets past here.

    Raises:
        Refused: somebody or something else may be typing.
    """
    if reason := approver.refusal(os.environ):
        raise Refused(reason)


def approve(identity: str, *, minutes: int = 0) -> Request:
    """Show a request, take the answer at the terminal, and approve.

    Raises:
        Refused: not a person, not a clear yes, or not the passphrase.
        RequestsError: the request cannot be approved.
    """
    person()
    request = requests.get(identity)
    try:
        requests.check(request, minutes)
    except requests.RequestsError as error:
        raise Refused(str(error)) from error
    from agentguard.output_requests import page

    page(request)
    if not _agreed(request, minutes):
        raise Refused(f"{request.id} was not approved")
    try:
        passphrase.ask()
    except passphrase.PassphraseError as error:
        raise Refused(str(error)) from error
    person()  # what was true before the question must be true after it
    return requests.approve(request.id, minutes=minutes, good=_good(request))


def _good(request: Request) -> int:
    """For how many seconds the approval can be used, by the policy where the command would run."""
    from agentguard import policy
    from agentguard.config import ConfigError

    try:
        return policy.load(request.cwd).expires * 60
    except ConfigError as error:
        raise Refused(f"{error}; {request.id} was not approved") from error


def _agreed(request: Request, minutes: int) -> bool:
    """y is enough below critical; there the name of what is hit must be typed."""
    from agentguard.confirm.terminal import agreed

    for_time = f" and let the same stand for {minutes} minutes" if minutes else ""
    return agreed(f"approve{for_time}", request.typed)
