"""The commands a person answers with, on real terminals."""

import json
import os
import time

import pytest
from confirm.person import Terminal, environment, run, words
from made import made_answer, made_finding
from other_home import own_config

from agentguard.confirm import passphrase, requests
from agentguard.confirm.described import draft
from agentguard.rulebook.model import Severity

ESCAPES = "git push --force \x1b[2J\x1b]0;owned\x07 \u202e"


def asked(*findings, text="git push --force", cwd="/home/dev/app"):
    return requests.file(draft(made_answer(*(findings or (made_finding(),)), text=text), cwd))[0]


def at_terminal(home, *arguments, **how):
    return Terminal(words(home, *arguments), **how)


def test_pending_shows_what_waits(home):
    assert "nothing waits" in run(home, "pending").stdout
    request = asked(text=ESCAPES)
    shown = run(home, "pending").stdout
    assert request.id in shown and "git push --force \\x1b[2J" in shown and "overwrites the remote branch" in shown
    assert "\x1b" not in shown and "\u202e" not in shown


def test_pending_as_json(home):
    assert json.loads(run(home, "pending", "--json").stdout) == []
    request = asked(text=ESCAPES)
    (shown,) = json.loads(run(home, "pending", "--json").stdout)
    assert (shown["id"], shown["command"], shown["cwd"]) == (request.id, ESCAPES, "/home/dev/app")
    assert shown["findings"][0]["rule"] == "git.push-force"


def test_a_person_approves(home):
    request = asked(text=ESCAPES)
    terminal = at_terminal(home, "approve", request.id)
    shown = terminal.until("[y/N]")
    for part in (request.id, "\\x1b[2J", "/home/dev/app", "commits that others pushed", "\\u202e"):
        assert part in shown
    assert "\x1b[2J" not in shown and "\x07" not in shown and "\u202e" not in shown
    terminal.type("y\n")
    assert terminal.end() == 0, terminal.seen
    assert requests.take(request.digest)


@pytest.mark.parametrize(("minutes", "said"), [(0, "10 minutes"), (3, "3 minutes"), (1, "minute")])
def test_the_owner_says_how_long_an_approval_is_good(home, minutes, said):
    if minutes:
        own_config(home).write_text(f"[confirm]\nexpires = {minutes}\n")
    request = asked()
    terminal = at_terminal(home, "approve", request.id)
    terminal.until("[y/N]")
    terminal.type("y\n")
    terminal.until(f"can run once in the next {said}")
    assert terminal.end() == 0
    approved = requests.get(request.id)
    assert approved.until - approved.decided == 60 * (minutes or 10)
    assert requests.take(request.digest, now=approved.until) is None


def test_nothing_is_approved_with_a_configuration_that_cannot_be_read(home):
    own_config(home).write_text("[confirm]\nexpires = 0\n")
    request = asked()
    terminal = at_terminal(home, "approve", request.id)
    terminal.until("[y/N]")
    terminal.type("y\n")
    assert terminal.end() == 126 and "config.toml:2" in terminal.seen
    assert requests.get(request.id).state == requests.PENDING


@pytest.mark.parametrize("typed", ["n\n", "\n", "\x04", "\x03", "yep\n"])
def test_anything_else_is_not_a_yes(home, typed):
    request = asked()
    terminal = at_terminal(home, "approve", request.id)
    terminal.until("[y/N]")
    terminal.type(typed)
    assert terminal.end() == 126
    assert requests.get(request.id).state == requests.PENDING


def test_a_critical_request_wants_the_name(home):
    critical = made_finding("railway.volume-delete", Severity.CRITICAL, target="volume 8f0c")
    request = asked(critical)
    for typed, status in (("y\n", 126), ("volume 8f0c\n", 0)):
        terminal = at_terminal(home, "approve", request.id)
        terminal.until("type volume 8f0c to approve: ")
        terminal.type(typed)
        assert terminal.end() == status
    assert requests.get(request.id).state == requests.APPROVED


def test_an_approval_for_some_time(home, tmp_path):
    request = asked(made_finding(cwd=str(tmp_path)), cwd=str(tmp_path))
    terminal = at_terminal(home, "approve", request.id, "--for", "2h")
    terminal.until("stand for 120 minutes? [y/N]")
    terminal.type("y\n")
    assert terminal.end() == 0
    assert requests.stands(request.keys, request.project, now=time.time() + 7000) == request.id


@pytest.mark.parametrize("time", ["0", "-5", "soon", "3d", "30m; x"])
def test_a_time_that_makes_no_sense(home, time):
    request = asked()
    assert at_terminal(home, "approve", request.id, "--for", time).end() == 125
    assert requests.get(request.id).state == requests.PENDING


def test_what_may_not_stand_is_said_before_the_question(home):
    request = asked(made_finding(target="volume …"))
    terminal = at_terminal(home, "approve", request.id, "--for", "30m")
    assert terminal.end() == 126 and "only be approved once" in terminal.seen and "[y/N]" not in terminal.seen


def test_unknown_and_answered_requests(home):
    terminal = at_terminal(home, "approve", "aaa-aaa")
    assert terminal.end() == 125 and "no request" in terminal.seen
    request = asked()
    requests.approve(request.id)
    terminal = at_terminal(home, "approve", request.id)
    assert terminal.end() == 126 and "already approved" in terminal.seen


def test_deny_needs_no_terminal_and_takes_an_approval_back(home):
    request = asked()
    assert run(home, "deny", request.id, "not", "today").returncode == 0
    assert (requests.get(request.id).state, requests.get(request.id).why) == ("denied", "not today")
    other = asked(text="git push -f")
    requests.approve(other.id)
    assert run(home, "deny", other.id).returncode == 0
    assert requests.take(other.digest) is None


# ------------------------------------------------------------------------------------------------ watch


def test_watch_shows_requests_as_they_come_and_answers(home):
    first = asked()
    terminal = at_terminal(home, "watch")
    terminal.until(first.id)
    second = asked(made_finding(target="origin/dev"), text=ESCAPES)
    shown = terminal.until(second.id)
    assert "]0;owned\x07" not in shown and "\u202e" not in shown
    terminal.type("j")
    terminal.type("\r")
    terminal.until(f"request {second.id}")
    shown = terminal.until("commits that others pushed")  # in the same picture, but not always in the same read
    assert "]0;owned\x07" not in shown and "\u202e" not in shown
    terminal.forget()
    terminal.type("a")
    terminal.until("[y/N]")
    terminal.type("y\n")
    terminal.until(f"approved {second.id}")
    assert requests.get(second.id).state == requests.APPROVED
    assert requests.get(first.id).state == requests.PENDING
    terminal.type("d")
    terminal.until(f"denied {first.id}")
    assert requests.get(first.id).state == requests.DENIED
    terminal.until("nothing waits for an answer")
    terminal.type("q")
    assert terminal.end() == 0


@pytest.mark.parametrize("typed", ["q", "\x03", "\x04"])
def test_watch_ends_and_puts_the_terminal_back(home, typed):
    terminal = Terminal(["sh", "-c", '"$@"; echo "status $?"; stty -a', "sh", *words(home, "watch", top=os.getpid())])
    terminal.until("nothing waits")
    terminal.type(typed)
    shown = terminal.until("status 0")
    terminal.end()
    assert "\x1b[?1049l" in shown and "isig icanon" in terminal.seen


def test_watch_with_many_requests_and_long_commands_fits_the_screen(home):
    for number in range(60):
        asked(made_finding(target=f"origin/{number}"), text=f"git push --force {number} " + "long " * 500)
    terminal = at_terminal(home, "watch", rows=24, columns=80)
    terminal.until("60 waiting")
    for _ in range(59):
        terminal.type("j")
    last = requests.pending()[-1]
    terminal.until(f"> {last.id}")
    terminal.type("\r")
    terminal.until("more rows, j goes on")
    for _ in range(60):
        terminal.type("j")
    terminal.until("git.push-force, high")
    terminal.type("q")
    assert terminal.end() == 0


def test_watch_is_refused_without_a_terminal(home):
    result = run(home, "watch")
    assert result.returncode == 126 and "needs a terminal" in result.stderr


# ------------------------------------------------------------------------------------------- passphrase


def set_passphrase(home, words_typed, old=""):
    terminal = at_terminal(home, "passphrase", "set")
    if old:
        terminal.until("passphrase: ")
        terminal.type(f"{old}\n")
    terminal.until("new passphrase: ")
    terminal.type(f"{words_typed}\n")
    terminal.until("again: ")
    terminal.type(f"{words_typed}\n")
    status = terminal.end()
    assert words_typed not in terminal.seen
    return status


def approve_with(home, request, typed):
    terminal = at_terminal(home, "approve", request.id)
    terminal.until("[y/N]")
    terminal.type("y\n")
    terminal.until("passphrase: ")
    terminal.type(f"{typed}\n")
    return terminal.end(), terminal.seen


def test_a_passphrase_is_asked_for_and_never_shown_or_stored(home):
    request = asked()
    assert set_passphrase(home, "correct horse") == 0
    stored = home / ".local/state/agentguard/passphrase"
    assert stored.stat().st_mode & 0o777 == 0o600 and b"horse" not in stored.read_bytes()
    assert b"horse" not in (home / ".local/state/agentguard/requests.db").read_bytes()
    status, seen = approve_with(home, request, "battery staple")
    assert status == 126 and "not the passphrase" in seen and "staple" not in seen
    assert requests.get(request.id).state == requests.PENDING
    status, seen = approve_with(home, request, "correct horse")
    assert status == 0 and "horse" not in seen
    assert requests.get(request.id).state == requests.APPROVED


def test_changing_and_removing_it_needs_the_old_one(home):
    assert set_passphrase(home, "correct horse") == 0
    terminal = at_terminal(home, "passphrase", "set")
    terminal.until("passphrase: ")
    terminal.type("wrong one\n")
    assert terminal.end() == 126
    terminal = at_terminal(home, "passphrase", "remove")
    terminal.until("passphrase: ")
    terminal.type("wrong one\n")
    assert terminal.end() == 126 and passphrase.is_set()
    assert set_passphrase(home, "another one", old="correct horse") == 0
    terminal = at_terminal(home, "passphrase", "remove")
    terminal.until("passphrase: ")
    terminal.type("another one\n")
    assert terminal.end() == 0 and not passphrase.is_set()


def test_only_a_person_sets_or_removes_it(home):
    for what in ("set", "remove"):
        assert run(home, "passphrase", what).returncode == 126
        terminal = at_terminal(home, "passphrase", what, env=environment(CLAUDECODE="1"))
        assert terminal.end() == 126 and "CLAUDECODE" in terminal.seen
    assert not passphrase.is_set()


def test_tries_cost_time(home):
    now = 1_700_000_000.0
    assert [requests.attempt(5, now=now + n) for n in range(5)] == [0.0] * 5
    assert requests.attempt(5, now=now + 4) == 1.0
    assert requests.attempt(5, now=now + 5.5) == 0.0
    assert requests.attempt(5, now=now + 5.5) == 2.0
    assert requests.attempt(5, now=now + 8) == 0.0
    assert requests.attempt(5, now=now + 8) == 4.0
    requests.forget_attempts()
    assert requests.attempt(5, now=now + 8) == 0.0


def test_after_many_tries_even_the_right_one_waits(home):
    request = asked()
    passphrase.store("correct horse")
    for _ in range(8):
        requests.attempt(10**6)
    terminal = at_terminal(home, "approve", request.id)
    terminal.until("[y/N]")
    terminal.type("y\n")
    assert terminal.end() == 126 and "try again in" in terminal.seen


@pytest.mark.parametrize("content", ["", "{}", '{"n": 2, "r": 1, "p": 1, "salt": "00", "key": "00"}', "[]", "null"])
def test_a_damaged_or_weakened_passphrase_file_matches_nothing(home, content):
    passphrase.store("correct horse")
    (home / ".local/state/agentguard/passphrase").write_text(content)
    with pytest.raises(passphrase.PassphraseError, match="makes no sense"):
        passphrase.matches("correct horse")


def test_a_short_passphrase_is_refused(home):
    with pytest.raises(passphrase.PassphraseError, match="at least"):
        passphrase.store("abc")
