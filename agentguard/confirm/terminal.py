"""Ask the person at the terminal. Everything that is not plainly their own terminal is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agentguard import output
from agentguard.confirm.attended import TTY
from agentguard.rulebook.model import Severity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from agentguard.frontdoor import Answer
    from agentguard.rulebook.model import Finding

_LONGEST_NAME = 80


def ask(answer: Answer) -> bool:
    """Show what would happen and take the answer. Only a clear yes, or the resource's name, is a yes."""
    with _terminal() as (screen, keys):
        return converse(answer, screen, keys)


def converse(answer: Answer, screen: TextIO, keys: TextIO) -> bool:
    """The conversation itself."""
    output.question(answer, screen)
    return _yes("run it", expected(answer), screen, keys)


def agreed(what: str, wanted: str) -> bool:
    """Whether the person at this session's terminal wants ``what`` done: they type ``wanted``, or y where it is ""."""
    with _terminal() as (screen, keys):
        return _yes(what, wanted, screen, keys)


@contextmanager
def _terminal() -> Iterator[tuple[TextIO, TextIO]]:
    with (
        open(TTY, "w", encoding="utf-8", errors="replace") as screen,
        open(TTY, encoding="utf-8", errors="replace") as keys,
    ):
        yield screen, keys


def _yes(what: str, wanted: str, screen: TextIO, keys: TextIO) -> bool:
    """An interrupt, an end of input and anything unclear are a no."""
    try:
        _forget_typed(keys)
        screen.write(f"type {wanted} to {what}: " if wanted else f"{what}? [y/N] ")
        screen.flush()
        typed = keys.readline().strip()
    except KeyboardInterrupt:
        screen.write("\n")
        return False
    return typed == wanted if wanted else typed.lower() in ("y", "yes")


def expected(answer: Answer) -> str:
    """What must be typed for a critical finding: the name of what is hit. "" where y is enough."""
    critical = [finding for finding in answer.verdict.findings if finding.severity is Severity.CRITICAL]
    return _name(critical[0]) if critical else ""


def _name(finding: Finding) -> str:
    name = output.line(finding.target, _LONGEST_NAME)
    return name if name.isascii() and name else "yes, run it"


def _forget_typed(keys: TextIO) -> None:
    """Drop what was typed before the question was on the screen."""
    import termios

    try:
        termios.tcflush(keys.fileno(), termios.TCIFLUSH)
    except (termios.error, OSError):
        return
