"""An ask with nobody at the terminal."""

import threading
import time

import pytest
from made import made_answer, made_finding

from agentguard.confirm import notify, requests
from agentguard.confirm.asking import settle
from agentguard.light import replace
from agentguard.policy import Policy


@pytest.fixture(autouse=True)
def told(monkeypatch):
    seen = []
    monkeypatch.setattr(notify, "notify", lambda *words: seen.append(words[:2]))
    return seen


def settled(answer=None, wait=0.0, cwd="/home/dev/app"):
    return settle(answer or made_answer(made_finding()), cwd=cwd, env={}, wait=wait)


def test_without_an_answer_the_agent_is_told_to_stop_and_say_so(home, told):
    result = settled()
    assert (result.run, result.outcome) == (False, "waiting")
    assert f"agentguard approve {result.request}" in result.message and "\n" not in result.message
    assert told == [(result.request, "overwrites the remote branch origin/main")]
    assert settled().request == result.request and len(told) == 1


def test_nobody_is_told_where_the_policy_says_so(home, told):
    answer = replace(made_answer(made_finding()), policy=Policy(notify=False))
    assert settled(answer).outcome == "waiting" and told == []


def test_who_was_slower_asks_anew(home):
    """One yes is for one process. Another that waits for the same command goes on waiting, in a request of its own."""
    first = settled().request
    results = []
    waiting = threading.Thread(target=lambda: results.append(settled(wait=1.5)))
    waiting.start()
    time.sleep(0.3)
    assert requests.approve(first) and requests.take(requests.get(first).digest)
    waiting.join()
    (request,) = requests.pending()
    assert (results[0].outcome, results[0].request) == ("waiting", request.id) and request.id != first


def test_a_yes_for_some_time_is_for_all_that_wait(home):
    first = settled().request
    results = []
    waiting = [threading.Thread(target=lambda: results.append(settled(wait=20))) for _ in range(4)]
    for thread in waiting:
        thread.start()
    time.sleep(0.3)
    requests.approve(first, minutes=5)
    for thread in waiting:
        thread.join()
    assert sorted(result.outcome for result in results) == ["approved", "standing", "standing", "standing"]


def test_an_approval_lets_it_run_once(home):
    requests.approve(settled().request)
    assert settled().run
    assert settled().outcome == "waiting"


def test_an_approval_is_for_that_command_alone(home):
    requests.approve(settled().request)
    assert not settled(cwd="/home/dev").run
    assert not settled(made_answer(made_finding(target="origin/dev"))).run
    assert not settled(made_answer(made_finding(), text="git push --force; true")).run
    assert settled().run


def test_an_answer_while_waiting_counts(home):
    request = settled().request
    threading.Timer(0.3, requests.approve, (request,)).start()
    started = time.monotonic()
    result = settled(wait=20)
    assert (result.run, result.request) == (True, request)
    assert time.monotonic() - started < 10


def test_a_no_is_told_with_its_reason(home):
    request = settled().request
    requests.deny(request, "ask me \x1b[2J tomorrow")
    result = settled(wait=20)
    assert (result.run, result.outcome) == (False, "denied")
    assert "\\x1b[2J tomorrow" in result.message and "\x1b" not in result.message


@pytest.mark.parametrize(
    "answer",
    [
        made_answer(made_finding(floor=True)),
        made_answer(made_finding(), failure="it broke"),
        made_answer(),
    ],
)
def test_what_is_blocked_allowed_or_failed_is_never_asked_about(home, answer):
    assert settled(answer) == settled(answer)
    assert (settled(answer).run, settled(answer).request) == (False, "")
    assert requests.pending() == []


def test_what_is_not_understood_is_asked_about_and_never_stands(home):
    answer = made_answer(problem="an unfinished quote")
    result = settled(answer)
    assert result.outcome == "waiting"
    with pytest.raises(requests.RequestsError):
        requests.approve(result.request, minutes=10)
    requests.approve(result.request)
    assert settled(answer).run


def test_a_standing_approval_is_not_used_up(home, tmp_path):
    answer = made_answer(made_finding(cwd=str(tmp_path)))
    requests.approve(settled(answer, cwd=str(tmp_path)).request, minutes=30)
    outcomes = [settled(answer, cwd=str(tmp_path)).outcome for _ in range(3)]
    assert outcomes == ["approved", "standing", "standing"]


def test_a_broken_database_means_no(home):
    settled()
    (home / ".local/state/agentguard/requests.db").write_bytes(b"broken" * 1000)
    result = settled()
    assert (result.run, result.outcome) == (False, "failed") and "requests.db" in result.message


def test_a_flood_of_requests_is_not_a_flood_of_notifications(home, told):
    for number in range(20):
        settled(made_answer(made_finding(target=f"origin/{number}")))
    assert len(told) == 5


def test_a_notification_cannot_be_markup_or_an_option(monkeypatch):
    monkeypatch.setattr(notify.shutil, "which", lambda name, path: f"/usr/bin/{name}")
    monkeypatch.setattr(notify.sys, "platform", "linux")
    command = notify._command("k7f-2mq", "--icon=x <b>\x1b]0;x</b>", {"DBUS_SESSION_BUS_ADDRESS": "unix:x"})
    assert command[2:] == ["--", "agentguard asks: k7f-2mq", "--icon=x &lt;b&gt;\\x1b]0;x&lt;/b&gt;"]
