"""From a refused command to one that ran: the program as an agent and as a person use it. The dangerous program is a
stand-in that only says that it ran."""

import os
import re
import subprocess
import threading
import time

import pytest
from confirm.person import Terminal, environment, words

from agentguard.confirm import requests

COMMAND = "railway volume delete --volume 8f0c --yes"


@pytest.fixture
def agent(home, tmp_path):
    """Runs a command as an agent's harness would: no terminal, a stand-in on PATH, waiting for ``wait`` seconds."""
    stand_in = tmp_path / "bin" / "railway"
    stand_in.parent.mkdir()
    stand_in.write_text("#!/bin/sh\necho it ran\n")
    stand_in.chmod(0o755)
    project = tmp_path / "app"
    (project / ".git").mkdir(parents=True)

    def run(text=COMMAND, wait=0, cwd=project):
        config = home / ".config/agentguard/config.toml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(f"[confirm]\nwait = {wait}\n")
        return subprocess.run(
            words(home, "exec", "-c", text), cwd=cwd, capture_output=True, text=True, timeout=60,
            env=environment(PATH=f"{stand_in.parent}:{os.environ['PATH']}"), start_new_session=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


def approve(home, identity):
    terminal = Terminal(words(home, "approve", identity))
    shown = terminal.until(" to approve: ")
    name = re.search(r"type (.+) to approve: ", shown)[1]
    terminal.type(f"{name}\n")
    assert terminal.end() == 0


def test_refused_approved_and_run_once(home, agent):
    refused = agent()
    assert refused.returncode == 126 and refused.stdout == ""
    identity = re.search(r"agentguard approve (\S+)", refused.stderr)[1]
    assert [request.id for request in requests.pending()] == [identity]
    approve(home, identity)
    assert (agent().stdout, agent().returncode) == ("it ran\n", 126)
    assert requests.get(identity).state == requests.USED


def test_an_approval_does_not_carry_over(home, agent, tmp_path):
    approve(home, re.search(r"agentguard approve (\S+)", agent().stderr)[1])
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    assert agent(cwd=elsewhere).returncode == 126
    assert agent(COMMAND.replace("8f0c", "8f0d")).returncode == 126
    assert agent(f"{COMMAND}; true").returncode == 126
    assert agent().stdout == "it ran\n"


def test_an_answer_while_the_command_waits(home, agent):
    results = []
    waiting = threading.Thread(target=lambda: results.append(agent(wait=30)))
    waiting.start()
    end = time.monotonic() + 20
    while not requests.pending() and time.monotonic() < end:
        time.sleep(0.05)
    approve(home, requests.pending()[0].id)
    waiting.join()
    assert (results[0].returncode, results[0].stdout) == (0, "it ran\n")


def test_a_no_while_the_command_waits(home, agent):
    refused = agent()
    requests.deny(requests.pending()[0].id, "never on this volume")
    again = agent(wait=30)
    assert again.returncode == refused.returncode == 126 and "never on this volume" in again.stderr


def test_what_is_blocked_makes_no_request(home, agent):
    assert agent("agentguard approve k7f-2mq").returncode == 126
    assert requests.pending() == []


def test_a_broken_database_runs_nothing(home, agent):
    agent()
    (home / ".local/state/agentguard/requests.db").write_bytes(b"broken" * 999)
    result = agent()
    assert result.returncode == 126 and result.stdout == "" and "requests.db" in result.stderr


def test_what_runs_for_an_agent_is_written_down(home, agent):
    assert agent("true").returncode == 0
    names = [path.name[0] for path in (home / ".local/state/agentguard/sessions").rglob("*-*")]
    assert sorted(names) == ["p", "s"]


def test_an_allowed_command_loads_nothing_of_this(home, agent):
    probe = "import sys; print([m for m in sys.modules if 'sqlite' in m or 'requests' in m or 'passphrase' in m])"
    code = (
        "import os, sys\n"
        f"from agentguard import policy; policy.user_home = lambda: {str(home)!r}\n"
        "from agentguard.execution import shell\n"
        f"def become(*_):\n    exec({probe!r})\n    raise SystemExit(0)\n"
        "shell.become = become\n"
        "from agentguard.cli.execute import run\nrun('true')\n"
    )
    import sys

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.stdout == "[]\n", done.stderr
