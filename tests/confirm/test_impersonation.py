"""An agent that tries to answer for its person: the guard stops the commands, and the approver refuses what got by.

The first half judges texts and runs nothing. The second really runs ``approve`` on a harmless request, from below a
process that the guard let run for an agent, or below something that is no person.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

import pytest
from confirm.impersonations import ATTEMPTS, EVERYDAY
from confirm.person import Terminal, environment, program, words
from made import made_answer, made_finding
from other_home import ROOT

from agentguard.confirm import requests
from agentguard.confirm.described import draft
from agentguard.frontdoor import FrontDoor

# ------------------------------------------------------------------------------- what the guard says of the text


@pytest.fixture(scope="module")
def door():
    return FrontDoor()


def judged(door, text):
    env = {"HOME": os.path.expanduser("~"), "PATH": "/usr/local/bin:/usr/bin:/bin", "CLAUDECODE": "1"}
    answer = door.judge(text, cwd="/tmp", env=env)
    assert not answer.failure
    return answer.verdict


@pytest.mark.parametrize("how", ATTEMPTS)
def test_the_guard_stops_it_for_good(door, how):
    verdict = judged(door, ATTEMPTS[how])
    assert verdict.decision == "block", (ATTEMPTS[how], verdict.reason)


@pytest.mark.parametrize("text", EVERYDAY)
def test_the_guard_lets_looking_and_working_be(door, text):
    verdict = judged(door, text)
    assert verdict.decision == "allow", verdict.reason


# ---------------------------------------------------------------------------------- what the approver says below it

#: becomes the shell as the guard does for an agent: written down, in a session of its own, without a terminal
GUARDED = """
import os, sys
sys.path[:0] = [{root!r}]
from agentguard import policy
policy.user_home = lambda: {home!r}
from agentguard.confirm.guarded import mark_guarded
{mark}
os.execve("/bin/bash", ["bash", "-c", sys.argv[1]], dict(os.environ))
"""
#: a program that leaves its process tree and its environment behind, makes a terminal, and starts what sits there so
#: that it has no parent either: only who holds the terminal's other end tells
LEAVING = """
import fcntl, os, sys, termios, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
time.sleep(0.3)
master, slave = os.openpty()
if not os.fork():
    if os.fork(): os._exit(0)
    time.sleep(0.3)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2): os.dup2(slave, number)
    os.execve(sys.argv[1], sys.argv[1:], {"PATH": "/usr/bin:/bin", "TERM": "xterm"})
os.close(slave)
time.sleep(2)
try:
    os.write(master, b"y\\n")
    while os.read(master, 4096): pass
except OSError: pass
"""
#: on a terminal of its own, answers y to everything
SPAWN = "import pty, sys; pty.spawn(sys.argv[1:])"

#: how → a line for bash; $AG is ``agentguard approve ID``, $PY python, $T a terminal that somebody else sits at
TRICKS = {
    "plain": "$AG",
    "yes": "yes | $AG",
    "a here string": "$AG <<< y",
    "typed ahead": "(sleep 0.2; echo y) | $AG",
    "setsid": "setsid -w $AG",
    "nohup": "nohup $AG",
    "exec -a": 'exec -a vim bash -c "$AG; true"',
    "without the environment": "env -i PATH=$PATH $AG",
    "without the markers": "env -u CLAUDECODE -u AI_AGENT $AG",
    "other home": "HOME=/tmp XDG_STATE_HOME=/tmp XDG_CONFIG_HOME=/tmp $AG",
    "double fork": "( ( $AG & ) & ); sleep 2",
    "in the background": "$AG & wait",
    "another's terminal on standard input": "$AG < $T",
    "another's terminal on everything": "$AG < $T > $T 2>&1",
    "pty.spawn": f"yes | $PY -c {shlex.quote(SPAWN)} $AG",
    "pty.spawn without the markers": f"yes | env -i PATH=$PATH $PY -c {shlex.quote(SPAWN)} $AG",
    "pty.spawn in a session of its own": f"yes | setsid -w $PY -c {shlex.quote(SPAWN)} $AG",
    "pty.spawn with the terminal named": f"yes | $PY -c {shlex.quote(SPAWN)} bash -c \"$AG </dev/tty >/dev/tty\"",
    "out of the process tree": "$PY $LEAVING $AG; sleep 4",
    "out of the process tree, without markers": "env -i PATH=$PATH $PY $LEAVING $AG; sleep 4",
    "racing": "for i in 1 2 3 4 5; do $AG & done; wait",
    "preloaded": "LD_PRELOAD=libm.so.6 $AG",
    "preloaded on a terminal": f"yes | LD_PRELOAD=libm.so.6 $PY -c {shlex.quote(SPAWN)} $AG",
}
#: the same with programs that not every machine has
WITH = {
    "script": {
        "script": '(sleep 1; echo y) | script -qec "$AG" /dev/null',
        "script without the markers": '(sleep 1; echo y) | env -i PATH=$PATH script -qec "$AG" /dev/null',
        "script in a session of its own": '(sleep 1; echo y) | setsid -w script -qec "$AG" /dev/null',
        "script in script": '(sleep 1; echo y) | script -qec "script -qec \'$AG\' /dev/null" /dev/null',
    },
    "expect": {"expect": "expect -c \"spawn $AG; expect N; send y\\r; expect eof\""},
    "unbuffer": {"unbuffer": "(sleep 1; echo y) | timeout 5 unbuffer -p $AG"},
    "socat": {"socat": "yes | socat - EXEC:\"$AG\",pty,setsid,ctty"},
    "tmux": {
        "tmux": 'tmux -L $S -f /dev/null new-session -d "$AG; sleep 1"; sleep 2; tmux -L $S send-keys y Enter; sleep 1',
        "tmux without the markers": (
            'env -i PATH=$PATH TERM=xterm tmux -L $S -f /dev/null new-session -d "$AG; sleep 1"; sleep 3'
        ),
        "tmux, attached by script": (
            "tmux -L $S -f /dev/null new-session -d; (sleep 3; echo exit) | env -u TMUX timeout 6 "
            '$PY -c \'import pty, sys; pty.spawn(sys.argv[1:])\' tmux -L $S attach & sleep 1; '
            'tmux -L $S send-keys "$AG" Enter; sleep 3; tmux -L $S send-keys y Enter; sleep 1'
        ),
    },
    "screen": {"screen": "screen -dm $AG; sleep 2"},
    "runuser": {"runuser": "runuser -u $(id -un) -- $AG"},
    "sudo": {"sudo": "sudo -n -u $(id -un) $AG || $AG"},
    "unshare": {
        "unshare": f"yes | unshare -Ur $PY -c {shlex.quote(SPAWN)} $AG || $AG",
        "unshare with processes": f"yes | unshare -Urpf --mount-proc $PY -c {shlex.quote(SPAWN)} $AG || $AG",
    },
}
for tool, tricks in WITH.items():
    if shutil.which(tool):
        TRICKS |= tricks

#: what ``approve`` found out about who runs it is written down by the program under test
WITNESS = """
from agentguard.confirm import approver
refusal = approver.refusal
def told(env):
    reason = refusal(env)
    with open({path!r}, "a") as file:
        file.write((reason or "A PERSON") + "\\n")
    return reason
approver.refusal = told
from agentguard.cli.main import main
"""


@pytest.fixture
def request_(home):
    return requests.file(draft(made_answer(made_finding()), "/home/dev/app"))[0]


def witnessed(home, *, top=None, maker=True) -> tuple[str, str]:
    """The program, and where it says what it found out."""
    reasons = str(home / "reasons")
    path = program(home, top=top, maker=maker)
    with open(path, encoding="utf-8") as source:
        text = source.read()
    with open(path, "w", encoding="utf-8") as target:
        target.write(text.replace("from agentguard.cli.main import main\n", WITNESS.format(path=reasons)))
    return path, reasons


def tried(home, request, line, *, mark=True, env=None) -> list[str]:
    """Run a line as an agent would, and give the reasons why it was refused."""
    path, reasons = witnessed(home)
    guarded, leaving = home / "guarded.py", home / "leaving.py"
    code = GUARDED.format(root=ROOT, home=str(home), mark="assert mark_guarded()" if mark else "")
    guarded.write_text(code)
    leaving.write_text(LEAVING)
    other = Terminal(["sleep", "60"])
    socket = f"agentguard-test-{os.getpid()}-{time.monotonic_ns()}"
    try:
        agent = subprocess.Popen(
            [sys.executable, str(guarded), line],
            env=environment(
                AG=f"{sys.executable} {path} approve {request.id}", PY=sys.executable, LEAVING=str(leaving),
                T=terminal_of(other.pid), S=socket, **(env or {}),
            ),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            agent.wait(60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(agent.pid, signal.SIGKILL)
    finally:
        os.kill(other.pid, signal.SIGKILL)
        other.end()
        if shutil.which("tmux"):
            subprocess.run(["tmux", "-L", socket, "kill-server"], capture_output=True, check=False)
    return open(reasons, encoding="utf-8").read().splitlines() if os.path.exists(reasons) else []


def terminal_of(pid: int) -> str:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            where = os.readlink(f"/proc/{pid}/fd/0")
        except OSError:
            where = ""
        if where.startswith("/dev/pts/"):
            return where
        time.sleep(0.01)
    raise AssertionError("no terminal")


@pytest.mark.parametrize("how", TRICKS)
def test_below_a_guarded_process_nothing_is_approved(home, request_, how):
    reasons = tried(home, request_, TRICKS[how])
    assert requests.get(request_.id).state == requests.PENDING
    assert reasons and "A PERSON" not in reasons


@pytest.mark.parametrize("how", ["plain", "setsid", "without the markers", "double fork", "pty.spawn", "racing"])
def test_without_the_mark_and_with_a_marker_nothing_is_approved(home, request_, how):
    """A harness that does not go through the guard, but says what it is."""
    reasons = tried(home, request_, TRICKS[how], mark=False, env={"CLAUDECODE": "1"})
    assert requests.get(request_.id).state == requests.PENDING
    assert reasons and "A PERSON" not in reasons


@pytest.mark.parametrize("how", TRICKS)
def test_without_any_mark_a_made_terminal_is_still_seen(home, request_, how):
    """Nothing tells that an agent is there, but who made the terminal does."""
    reasons = tried(home, request_, TRICKS[how], mark=False)
    assert requests.get(request_.id).state == requests.PENDING
    assert reasons and "A PERSON" not in reasons


# ---------------------------------------------------------------------------------------- one sign at a time


def refused_at_terminal(home, request, command, **more) -> str:
    terminal = Terminal(command, env=environment(**more))
    assert terminal.end() != 0, terminal.seen
    assert requests.get(request.id).state == requests.PENDING
    return " ".join(terminal.seen.split())


def test_the_same_terminal_without_any_sign_is_a_persons(home, request_):
    """The control for all of the above: nothing refuses by itself."""
    terminal = Terminal(words(home, "approve", request_.id))
    terminal.until("[y/N]")
    terminal.type("y\n")
    assert terminal.end() == 0
    assert requests.get(request_.id).state == requests.APPROVED


def test_a_shell_in_between_is_fine(home, request_):
    terminal = Terminal(["bash", "-c", '"$@"; true', "x", *words(home, "approve", request_.id)])
    terminal.until("[y/N]")
    terminal.type("y\n")
    assert terminal.end() == 0


if shutil.which("tmux"):

    def test_a_person_who_looks_at_a_tmux_pane_may_answer_there_and_not_in_one_out_of_sight(home, request_):
        socket = f"agentguard-test-{os.getpid()}"
        tmux = ["tmux", "-L", socket, "-f", "/dev/null"]
        line = shlex.join(words(home, "approve", request_.id))
        terminal = Terminal([*tmux, "new-session", "bash --norc"])
        try:
            terminal.until("bash-")
            subprocess.run([*tmux, "new-window", "-d", f"{line} > {home}/seen 2>&1; sleep 60"], check=True)
            end = time.monotonic() + 20
            while "nobody is looking" not in (seen := (home / "seen").read_text() if (home / "seen").exists() else ""):
                assert time.monotonic() < end, seen
                time.sleep(0.1)
            terminal.type(f"{line}\n")
            terminal.until("[y/N]")
            terminal.type("y\n")
            terminal.until(f"approved {request_.id}")
        finally:
            subprocess.run([*tmux, "kill-server"], capture_output=True, check=False)
            terminal.end()
        assert requests.get(request_.id).state == requests.APPROVED


@pytest.mark.parametrize("marker", ["CLAUDECODE", "CODEX_THREAD_ID", "CURSOR_AGENT", "AI_AGENT"])
def test_a_marker_here_or_above(home, request_, marker):
    ask = words(home, "approve", request_.id)
    assert marker in refused_at_terminal(home, request_, ask, **{marker: "1"})
    above = ["bash", "-c", f'env -u {marker} "$@"; exit $?', "x", *ask]
    assert "started by a coding agent" in refused_at_terminal(home, request_, above, **{marker: "1"})


@pytest.mark.parametrize("name", ["claude", "codex", "cursor-agent", "aider", "opencode", "script", "expect"])
def test_a_known_name_above(home, request_, name):
    """By the file's own name, whatever it is called as; the file is a shell."""
    (home / name).symlink_to("/bin/bash")
    copy = home / "bin" / name
    copy.parent.mkdir()
    shutil.copy("/bin/bash", copy)
    ask = words(home, "approve", request_.id)
    called = 'exec -a vim "$0" -c \'"$@"; exit $?\' x "$@"'
    seen = refused_at_terminal(home, request_, ["bash", "-c", called, copy, *ask])
    assert f"({name})" in seen


def test_a_harness_that_is_a_script_above(home, request_):
    script = home / "node_modules" / "@anthropic-ai" / "claude-code" / "cli.js"
    script.parent.mkdir(parents=True)
    script.write_text("import subprocess, sys\nsys.exit(subprocess.call(sys.argv[1:]))\n")
    ask = words(home, "approve", request_.id)
    assert "claude-code" in refused_at_terminal(home, request_, [sys.executable, str(script), *ask])


def test_a_process_above_that_the_guard_let_run(home, request_):
    """Nothing but the mark tells this terminal from a person's."""
    line = shlex.join(words(home, "approve", request_.id)) + "; exit $?"
    code = GUARDED.format(root=ROOT, home=str(home), mark="assert mark_guarded()")
    assert "runs guarded, for an agent" in refused_at_terminal(home, request_, [sys.executable, "-c", code, line])
    unmarked = GUARDED.format(root=ROOT, home=str(home), mark="")
    terminal = Terminal([sys.executable, "-c", unmarked, line])
    terminal.until("[y/N]")
    terminal.type("n\n")
    terminal.end()


def test_a_library_that_is_loaded_first(home, request_):
    ask = words(home, "approve", request_.id)
    assert "LD_PRELOAD" in refused_at_terminal(home, request_, ask, LD_PRELOAD="libm.so.6")


def test_ssh_from_here_to_here(home, request_):
    ask = words(home, "approve", request_.id)
    for connection in ("127.0.0.1 5 127.0.0.1 22", "::1 5 ::1 22", "192.0.2.7 5 192.0.2.7 22"):
        assert "to itself" in refused_at_terminal(home, request_, ask, SSH_CONNECTION=connection)
        hidden = ["bash", "-c", 'env -u SSH_CONNECTION "$@"; exit $?', "x", *ask]
        assert "to itself" in refused_at_terminal(home, request_, hidden, SSH_CONNECTION=connection)
    terminal = Terminal(ask, env=environment(SSH_CONNECTION="192.0.2.7 5 192.0.2.8 22"))
    terminal.until("[y/N]")
    terminal.type("n\n")
    terminal.end()


def test_a_terminal_that_a_script_holds(home, request_):
    """The test itself holds it: a python script that the system did not install."""
    assert "made by a script" in refused_at_terminal(home, request_, words(home, "approve", request_.id, maker=True))


def test_the_background_of_a_terminal(home, request_):
    line = 'set -m; "$@" < /dev/tty & wait $!; exit 3'
    command = ["bash", "-c", f"trap '' TTOU TTIN; {line}", "x", *words(home, "approve", request_.id)]
    assert "background" in refused_at_terminal(home, request_, command)


def test_a_guarded_session_outlives_its_processes(home):
    """A process whose parents are gone is still in the session that was written down."""
    from agentguard.confirm import guarded, processes

    code = GUARDED.format(root=ROOT, home=str(home), mark="assert mark_guarded()")
    child = subprocess.Popen(
        [sys.executable, "-c", code, "sleep 30 >/dev/null & echo $!"], stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    orphan = int(child.communicate()[0])
    try:
        process = processes.read(orphan)
        assert process.parent != child.pid and guarded.was_guarded(process)
        assert not guarded.was_guarded(processes.read(os.getpid()))
        guarded.prune()
        assert guarded.was_guarded(process)
    finally:
        os.kill(orphan, signal.SIGKILL)
    guarded.prune()
    assert not list((home / ".local/state/agentguard/sessions").rglob(f"p{child.pid}-*"))


def test_marking_is_cheap_and_never_fails_loudly(home, monkeypatch):
    from agentguard import policy
    from agentguard.confirm import guarded

    guarded.mark_guarded()
    started = time.process_time()
    assert all(guarded.mark_guarded() for _ in range(100))
    assert time.process_time() - started < 0.1
    monkeypatch.setattr(policy, "user_home", lambda: "/dev/null")
    assert guarded.mark_guarded() is False


def test_what_was_used_cannot_be_used_again(home, request_):
    requests.approve(request_.id)
    assert requests.take(request_.digest)
    terminal = Terminal(words(home, "approve", request_.id))
    assert terminal.end() == 126 and "already used" in terminal.seen
    assert requests.take(request_.digest) is None
