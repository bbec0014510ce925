import io
import sys

import pytest
from confirm.person import Terminal, environment
from made import made_answer, made_finding
from other_home import ROOT

from agentguard.confirm import attended, terminal
from agentguard.rulebook.model import Severity

CRITICAL = made_finding("railway.volume-delete", Severity.CRITICAL, target="volume 8f0c")


def said(typed: str, *findings) -> tuple[bool, str]:
    screen = io.StringIO()
    agreed = terminal.converse(made_answer(*(findings or (made_finding(),))), screen, io.StringIO(typed))
    return agreed, screen.getvalue()


@pytest.mark.parametrize(
    ("typed", "agreed"),
    [("y\n", True), ("YES\n", True), ("\n", False), ("", False), ("n\n", False), ("yep\n", False), ("ny\n", False)],
)
def test_only_a_clear_yes_is_a_yes(typed, agreed):
    assert said(typed)[0] is agreed


@pytest.mark.parametrize(
    ("typed", "agreed"), [("volume 8f0c\n", True), ("y\n", False), ("volume 8f0d\n", False), ("", False)]
)
def test_a_critical_finding_wants_the_name_of_what_is_hit(typed, agreed):
    assert said(typed, made_finding(), CRITICAL)[0] is agreed


def test_the_name_must_be_typeable():
    odd = made_finding("x.y", Severity.CRITICAL, target="")
    assert terminal.expected(made_answer(odd)) == "yes, run it"
    assert terminal.expected(made_answer(made_finding("x.y", Severity.CRITICAL, target="данные"))) == "yes, run it"


def test_the_question_shows_what_where_and_what_is_lost():
    _, screen = said("n\n")
    for part in ("git push --force", "overwrites the remote branch", "commits that others pushed", "origin/main"):
        assert part in screen


def test_terminal_escapes_in_a_command_are_spelled_out():
    screen = io.StringIO()
    answer = made_answer(made_finding(target="\x1b[2Jmain"), text="echo \x1b[2J\u202e")
    terminal.converse(answer, screen, io.StringIO())
    assert "\\x1b[2J" in screen.getvalue() and "\\u202e" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue() and "\u202e" not in screen.getvalue()


def test_an_interrupt_is_a_no():
    class Interrupted(io.StringIO):
        def readline(self, size: int = -1, /) -> str:
            raise KeyboardInterrupt

    assert terminal.converse(made_answer(made_finding()), io.StringIO(), Interrupted()) is False


SCRIPT = """
import os, sys
sys.path[:0] = {path!r}
from made import made_answer, made_finding
from agentguard.confirm import attended, terminal
asked = attended.attended(os.environ)
print("attended", asked, flush=True)
if asked:
    print("agreed", terminal.ask(made_answer(made_finding())), flush=True)
"""


def on_a_terminal(*, typed: str = "", early: str = "", **env: str) -> str:
    """What a program shows on a terminal of its own; ``typed`` answers once it asks, ``early`` comes before."""
    terminal = Terminal([sys.executable, "-c", SCRIPT.format(path=[ROOT, f"{ROOT}/tests"])], env=environment(**env))
    if early:
        terminal.type(early)
    if typed:
        terminal.until("[y/N]")
        terminal.type(typed)
    assert terminal.end() == 0
    return terminal.seen


def test_at_a_terminal_of_ones_own_the_question_is_asked():
    assert "agreed True" in on_a_terminal(typed="y\n")
    assert "agreed False" in on_a_terminal(typed="\n")
    assert "agreed False" in on_a_terminal(typed="\x03")


def test_what_was_typed_before_the_question_does_not_answer_it():
    assert "agreed False" in on_a_terminal(typed="n\n", early="y\ny\n")


@pytest.mark.parametrize("marker", ["CLAUDECODE", "CODEX_THREAD_ID", "GEMINI_CLI", "AI_AGENT"])
def test_under_a_harness_nobody_is_asked(marker):
    assert "attended False" in on_a_terminal(**{marker: "1"})


def test_without_a_terminal_nobody_is_asked(monkeypatch):
    monkeypatch.setattr(attended, "is_terminal", lambda descriptor: True)
    monkeypatch.setattr(attended, "TTY", "/nonexistent/tty")
    assert attended.attended({}) is False
    monkeypatch.undo()
    monkeypatch.setattr(attended, "is_terminal", lambda descriptor: False)
    assert attended.attended({}) is False
