"""Requests through their only owner: what is asked once is answered once, whoever else runs and whatever breaks."""

import os
import stat
import subprocess
import sys
import time

import pytest
from made import made_answer, made_finding
from other_home import ROOT

from agentguard.analysis import Start
from agentguard.confirm import requests
from agentguard.confirm.described import digest, draft, keys
from agentguard.confirm.requests import RequestsError
from agentguard.light import replace
from agentguard.rulebook.model import Severity

NOW = 1_700_000_000.0


def drafted(text="git push --force", cwd="/home/dev/app", **finding):
    return draft(made_answer(made_finding(**finding), text=text), cwd)


def test_a_request_keeps_the_whole_command(home):
    text = "echo \x1b[2J " + "x" * 50_000 + "\udcff\u202e"
    request, new = requests.file(drafted(text))
    assert new
    assert requests.get(request.id).text == text
    assert requests.get(request.id) == request
    assert requests.pending() == [request]


def test_ids_are_short_and_easy_to_type(home):
    request, _ = requests.file(drafted())
    assert len(request.id) == 7 and request.id[3] == "-" and request.id.isascii()
    assert requests.get(f" {request.id.upper()} ") == request


def test_the_same_question_is_one_request(home):
    first, _ = requests.file(drafted())
    again, new = requests.file(drafted())
    assert again.id == first.id and not new
    other, new = requests.file(drafted(cwd="/home/dev/other"))
    assert other.id != first.id and new


def test_an_approval_is_good_once(home):
    request, _ = requests.file(drafted())
    assert requests.take(request.digest) is None
    assert requests.approve(request.id).state == requests.APPROVED
    assert requests.take(request.digest).id == request.id
    assert requests.take(request.digest) is None
    assert requests.get(request.id).state == requests.USED


def test_approvals_and_requests_end(home):
    request, _ = requests.file(drafted(), now=NOW)
    requests.approve(request.id, now=NOW + 1)
    assert requests.take(request.digest, now=NOW + 1 + requests.GOOD) is None
    waiting, _ = requests.file(drafted(), now=NOW)
    assert requests.pending(now=NOW + requests.WAITS - 1) == [waiting]
    assert requests.pending(now=NOW + requests.WAITS) == []
    assert requests.get(waiting.id, now=NOW + requests.WAITS).state == requests.EXPIRED
    with pytest.raises(RequestsError, match="already expired"):
        requests.approve(waiting.id, now=NOW + requests.WAITS)


def test_a_no_answers_the_same_question_for_a_while(home):
    request, _ = requests.file(drafted(), now=NOW)
    assert requests.deny(request.id, "not on friday", now=NOW).why == "not on friday"
    again, new = requests.file(drafted(), now=NOW + 5)
    assert (again.id, again.state, new) == (request.id, requests.DENIED, False)
    later, new = requests.file(drafted(), now=NOW + requests.DENIES + 1)
    assert new and later.id != request.id


@pytest.mark.parametrize("state", ["approved", "denied", "used", "expired"])
def test_only_what_is_pending_can_be_approved(home, state):
    request, _ = requests.file(drafted(), now=NOW)
    if state == "denied":
        requests.deny(request.id, now=NOW)
    elif state != "expired":
        requests.approve(request.id, now=NOW)
    if state == "used":
        assert requests.take(request.digest, now=NOW)
    with pytest.raises(RequestsError, match=state):
        requests.approve(request.id, now=NOW + (requests.WAITS if state == "expired" else 1))


def test_an_unknown_id_is_an_error(home):
    for call in (requests.get, requests.approve, requests.deny):
        with pytest.raises(RequestsError, match="no request"):
            call("aaa-aaa")


# ------------------------------------------------------------------------------------------- the digest


@pytest.mark.parametrize(
    "change",
    [
        {"text": "git push  --force"},
        {"cwd": "/home/dev/ap"},
        {"target": "origin/dev"},
        {"environment": "production"},
        {"words": ("git", "push", "-f")},
        {"place": "ssh db1"},
        {"severity": Severity.CRITICAL},
        {"rule": "git.push-mirror"},
    ],
)
def test_everything_that_was_agreed_to_is_in_the_digest(change):
    assert drafted(**change).digest != drafted().digest
    assert drafted(**change).digest == drafted(**change).digest


def test_the_user_is_in_the_digest(monkeypatch):
    before = digest(made_answer(made_finding()), "/")
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert digest(made_answer(made_finding()), "/") != before


@pytest.mark.parametrize(
    "start", [Start(name="x"), Start(arguments=("b.py",)), Start(before=(("BASH_ENV", ". ./env"),))], ids=repr
)
def test_what_the_shell_starts_with_is_in_the_digest(start):
    """``sh -c 'git push --force; python3 "$1"' x a.py`` is not the same with another argument."""
    answer = made_answer(made_finding())
    assert digest(replace(answer, start=start), "/") != digest(replace(answer, start=Start()), "/")


# --------------------------------------------------------------------------------- standing approvals


def test_an_approval_can_stand_for_the_same_operations_in_the_project(home, tmp_path):
    project = tmp_path / "app"
    (project / ".git").mkdir(parents=True)
    (project / "src").mkdir()
    inside = draft(made_answer(made_finding(cwd=str(project)), text="git push --force"), str(project))
    request, _ = requests.file(inside, now=NOW)
    requests.approve(request.id, minutes=30, now=NOW)
    other_text = draft(made_answer(made_finding(cwd=str(project)), text="make && git push --force"), f"{project}/src")
    assert requests.stands(other_text.keys, other_text.project, now=NOW + 1700) == request.id
    assert requests.stands(other_text.keys, other_text.project, now=NOW + 1801) == ""
    assert requests.stands(other_text.keys, str(tmp_path), now=NOW) == ""
    elsewhere = draft(made_answer(made_finding(cwd=str(project), target="origin/dev")), str(project))
    assert requests.stands(elsewhere.keys, elsewhere.project, now=NOW) == ""
    both = draft(
        made_answer(made_finding(cwd=str(project)), made_finding("git.clean", cwd=str(project))), str(project)
    )
    assert both.keys and requests.stands(both.keys, both.project, now=NOW) == ""
    requests.deny(request.id, now=NOW)
    assert requests.stands(other_text.keys, other_text.project, now=NOW + 1) == ""


def test_what_can_never_stand(home, tmp_path):
    from agentguard.interpret.values import Truth

    here = str(tmp_path)
    assert keys(made_answer(made_finding(cwd=here)), here)
    for finding in (
        made_finding(cwd=here, floor=True, certainty=Truth.MAYBE),
        made_finding(cwd=here, certainty=Truth.MAYBE),
        made_finding(cwd=here, target=""),
        made_finding(cwd=here, target="volume …"),
        made_finding(cwd="/elsewhere"),
    ):
        assert keys(made_answer(finding), here) == ()
    assert keys(made_answer(), here) == ()
    request, _ = requests.file(draft(made_answer(made_finding(cwd=here, floor=True, certainty=Truth.MAYBE)), here))
    with pytest.raises(RequestsError, match="only be approved once"):
        requests.approve(request.id, minutes=5)
    assert requests.get(request.id).state == requests.PENDING


@pytest.mark.parametrize("minutes", [-1, requests.LONGEST_STANDING + 1])
def test_nothing_stands_longer_than_a_working_day(home, minutes):
    request, _ = requests.file(drafted())
    with pytest.raises(RequestsError, match="at most"):
        requests.approve(request.id, minutes=minutes)


# --------------------------------------------------------------------------------- many at once, and ends

CHILD = """
import sys
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
from agentguard import policy
policy.user_home = lambda: {home!r}
from agentguard.confirm import requests
{body}
"""


def child(home, body: str, **how) -> subprocess.Popen:
    code = CHILD.format(root=ROOT, home=str(home), body=body)
    return subprocess.Popen([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, text=True, **how)


def test_of_a_hundred_processes_one_gets_the_approval(home):
    request, _ = requests.file(drafted())
    start = home / "start"
    body = (
        "import os, time\n"
        f"while not os.path.exists({str(start)!r}): time.sleep(0.01)\n"
        f"print('won' if requests.take({request.digest!r}) else 'lost')"
    )
    children = [child(home, body) for _ in range(100)]
    requests.approve(request.id)
    start.touch()
    results = [one.communicate(timeout=120)[0].strip() for one in children]
    assert sorted(results) == ["lost"] * 99 + ["won"]


def test_a_hundred_processes_file_at_once_from_nothing(home):
    body = "from made import *\nfrom agentguard.confirm.described import draft\n"
    body += "print(requests.file(draft(made_answer(made_finding()), '/x'))[0].id)"
    children = [child(home, body) for _ in range(100)]
    assert len({one.communicate(timeout=120)[0] for one in children}) == 1
    assert len(requests.pending()) == 1


def test_a_thousand_requests_wait(home):
    for number in range(1000):
        requests.file(drafted(text=f"git push --force {number}"))
    started = time.monotonic()
    waiting = requests.pending()
    assert len({request.id for request in waiting}) == 1000
    assert time.monotonic() - started < 2


def test_a_process_killed_in_the_middle_leaves_all_or_nothing(home):
    request, _ = requests.file(drafted())
    requests.approve(request.id)
    body = (
        "import time\n"
        "with requests._changing() as base:\n"
        f"    base.execute(\"UPDATE requests SET state = 'used' WHERE id = ?\", ({request.id!r},))\n"
        "    base.execute('PRAGMA cache_size = 5')  # so that pages reach the file before the end\n"
        "    for n in range(5000):\n"
        "        base.execute('INSERT INTO standing VALUES (?, ?, ?, ?)', ('x', 'x' * 99, '[]', 9e9))\n"
        "    print('written', flush=True)\n"
        "    time.sleep(60)"
    )
    victim = child(home, body)
    assert victim.stdout.readline() == "written\n"
    victim.kill()
    victim.wait()
    assert (home / ".local/state/agentguard/requests.db-journal").stat().st_size > 0
    assert (home / ".local/state/agentguard/requests.db").stat().st_size > 100_000
    assert requests.get(request.id).state == requests.APPROVED
    assert requests.take(request.digest).id == request.id


def test_waiting_sees_the_answer_soon(home):
    request, _ = requests.file(drafted())
    late = child(home, f"import time; time.sleep(0.5); requests.approve({request.id!r})")
    started = time.monotonic()
    assert requests.wait(request.id, 30).state == requests.APPROVED
    assert time.monotonic() - started < 10
    late.communicate()


def test_waiting_ends(home):
    request, _ = requests.file(drafted())
    started = time.monotonic()
    assert requests.wait(request.id, 0.3).state == requests.PENDING
    assert 0.3 <= time.monotonic() - started < 3


# ---------------------------------------------------------------------------------------- the file itself


def test_only_the_user_can_read_it(home):
    before = os.umask(0)
    try:
        requests.file(drafted())
    finally:
        os.umask(before)
    state = home / ".local/state/agentguard"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "requests.db").stat().st_mode) == 0o600
    (state / "requests.db").chmod(0o644)
    requests.pending()
    assert stat.S_IMODE((state / "requests.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_broken_file_is_a_clear_error(home, content):
    requests.file(drafted())
    (home / ".local/state/agentguard/requests.db").write_bytes(content)
    for call in (requests.pending, lambda: requests.take("x"), lambda: requests.file(drafted())):
        with pytest.raises(RequestsError, match=r"requests\.db"):
            call()


def test_a_row_that_makes_no_sense_is_a_clear_error(home):
    request, _ = requests.file(drafted())
    with requests._changing() as base:
        base.execute("UPDATE requests SET body = '[]'")
    for call in (requests.pending, lambda: requests.get(request.id)):
        with pytest.raises(RequestsError, match="makes no sense"):
            call()


@pytest.mark.parametrize("link", [".local", ".local/state", ".local/state/agentguard"])
def test_links_are_not_followed(home, tmp_path, link):
    real = tmp_path / "real"
    real.mkdir()
    (home / link).parent.mkdir(parents=True, exist_ok=True)
    (home / link).symlink_to(real)
    with pytest.raises(RequestsError, match="link"):
        requests.pending()
    assert not list(real.iterdir())


def test_a_linked_file_is_not_followed(home, tmp_path):
    requests.file(drafted())
    database = home / ".local/state/agentguard/requests.db"
    database.rename(tmp_path / "moved.db")
    database.symlink_to(tmp_path / "moved.db")
    with pytest.raises(RequestsError, match="links are not followed"):
        requests.pending()
    database.unlink()
    os.link(tmp_path / "moved.db", database)
    with pytest.raises(RequestsError, match="one name"):
        requests.pending()
