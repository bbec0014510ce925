"""Many agents at once: no line of the log is lost, no approval is lost or used twice, and nothing waits for ever.

Every program that a command names and that could do harm is a stand-in that only writes down that it ran.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import other_home
import pytest
from load.processes import Place, ended

from agentguard import policy
from agentguard.confirm import requests

#: no test may take longer, in seconds; on two cores each takes a third of it or less
PATIENCE = 60


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path / "home", tmp_path / "work", tmp_path / "tools", tmp_path / "ran")
    made.work.mkdir()
    made.tools.mkdir()
    for name in ("git", "agentguard"):
        tool = made.tools / name
        tool.write_text(f"#!/bin/sh\necho \"{name} $*\" >> '{made.ran}'\n")
        tool.chmod(0o755)
    other_home.impatient(made.home)
    monkeypatch.setattr(policy, "user_home", lambda: str(made.home))
    assert [done.status for done in ended(made.shells(["true", "git push --force origin main"]), PATIENCE)] == [0, 126]
    for request in requests.pending():  # they were there to fill the cache
        requests.deny(request.id)
    return made


def outcomes(place: Place) -> Counter[str]:
    """How the commands in the log were answered, without the two that the fixture ran. The log must be whole."""
    done = other_home.run(place.home, "log", "verify", cwd=place.work)
    assert (done.returncode, done.stderr) == (0, "")
    text = other_home.run(place.home, "log", "--json", "-n", "100000", cwd=place.work).stdout
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert f"{len(lines)} lines verified" in done.stdout
    return Counter(line["outcome"] for line in lines[2:])


def pending(place: Place) -> list[str]:
    """The commands that wait, as the program says."""
    shown = other_home.run(place.home, "pending", "--json", cwd=place.work).stdout
    return [row["command"] for row in json.loads(shown)]


def test_two_hundred_shells_at_once(place: Place) -> None:
    kinds = ["echo hello {}", "git status {}", "git push --force origin b{}", "agentguard approve k7f-2mq {}"]
    commands = [kinds[number % 4].format(number) for number in range(200)]
    done = ended(place.shells(commands), PATIENCE)
    assert [end.status for end in done] == [0, 0, 126, 126] * 50, Counter(end.err for end in done).most_common(3)
    assert [end.out for end in done[::4]] == [f"hello {number}\n" for number in range(0, 200, 4)]
    assert all("agentguard: not run" in end.err for end in (*done[2::4], *done[3::4]))
    assert sorted(place.ran.read_text().splitlines()) == sorted(commands[1::4])
    assert sorted(pending(place)) == sorted(commands[2::4])
    assert outcomes(place) == {"ran": 100, "timeout": 50, "refused": 50}


@pytest.mark.parametrize("yes", [1, 7])
def test_as_many_run_as_were_approved(place: Place, yes: int) -> None:
    """Fifty processes wait for the same command; each yes is for one of them, and a no is for all the others."""
    other_home.own_config(place.home).write_text(f"[confirm]\nwait = {PATIENCE}\nnotify = false\n")
    running = place.shells(["git push --force origin live"] * 50)
    end = time.monotonic() + PATIENCE
    answers = [requests.approve] * yes + [requests.deny]
    while answers and time.monotonic() < end:
        for request in requests.pending():
            assert answers[0](request.id)
            del answers[0]
        time.sleep(0.02)
    done = ended(running, PATIENCE)
    assert Counter(process.status for process in done) == {0: yes, 126: 50 - yes}
    assert place.ran.read_text() == "git push --force origin live\n" * yes
    assert outcomes(place) == {"approved": yes, "denied": 50 - yes}
    assert pending(place) == []


def test_a_thousand_requests_wait(place: Place) -> None:
    done = ended([place.filing(f"p{number}", 50) for number in range(20)], PATIENCE)
    assert [(end.status, end.err) for end in done] == [(0, "")] * 20
    shown = pending(place)
    assert sorted(shown) == sorted(f"git push --force origin p{p}-{number}" for p in range(20) for number in range(50))
    start = time.monotonic()
    asked, plain = ended(place.shells(["git push --force origin more", "echo hello"]), PATIENCE)
    assert (asked.status, plain.out) == (126, "hello\n") and "agentguard approve" in asked.err
    assert time.monotonic() - start < 10
    assert len(pending(place)) == 1001
