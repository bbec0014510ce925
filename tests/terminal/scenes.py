"""What happens in front of the terminal, and the screens on the way: ``(name, screen)`` one after the other.

The screens are kept in ``screens/``; ``python tests/terminal/record.py`` takes them anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from terminal.sitting import Sitting

SCREENS = Path(__file__).with_name("screens")
COMMAND = "git push --force origin main"
FIRST_ANSWER = "type origin/main to run it:"
SECOND_ANSWER = "type origin/main to approve:"


def at_the_own_terminal(at: Sitting) -> Iterator[tuple[str, str]]:
    """A person runs the command themselves: they are asked, say no, and then yes."""
    at.clear()
    at.line(f"agentguard exec -- {COMMAND}")
    yield "exec-asks", at.until(FIRST_ANSWER)
    at.line("n")
    yield "exec-no", at.until("as you said")
    assert not at.ran.exists()
    at.clear()
    at.line(f"agentguard exec -- {COMMAND}")
    at.until(FIRST_ANSWER)
    at.line("origin/main")
    at.until("forced update")
    assert at.ran.read_text() == "push --force origin main\n"


def an_agent_asks(at: Sitting) -> Iterator[tuple[str, str]]:
    """A person watches; an agent without a terminal asks, waits, and runs the command after their answer."""
    at.clear()
    at.line("agentguard watch")
    yield "watch-empty", at.until("nothing waits")
    agent = at.agent(COMMAND)
    try:
        yield "watch", at.until("1 waiting")
        at.keys("a")
        yield "watch-approve", at.until(SECOND_ANSWER)
        assert agent.poll() is None and not at.ran.exists()
        at.line("origin/main")
        yield "watch-approved", at.until("approved")
        out, err = agent.communicate(timeout=30)
    finally:
        agent.kill()
    assert (agent.returncode, err) == (0, "") and "forced update" in out
    assert at.ran.read_text() == "push --force origin main\n"
    at.keys("q")
    at.until("$")
    at.clear()
    at.line("agentguard log")
    at.until("approved")
    at.line("agentguard log verify")
    yield "log", at.until("verified")


SCENES = (at_the_own_terminal, an_agent_asks)
