"""A person's terminal of 80 columns and 24 rows, driven through tmux, with ``agentguard`` on its PATH.

The program is the real one, for a user whose home is a directory of the test. It looks at who started it, and the
tests may themselves run below an agent; so the tmux server and whoever looks at it stand by themselves, and the program
is told that the process above them is where its tree ends.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import other_home

from agentguard.confirm import processes

TMUX = shutil.which("tmux") or ""
ROWS, COLUMNS = 24, 80
#: the directory of the project, as the screens show it: as long as the real one, so that the frames fit
SHOWN = "/home/dev/webapp"
REQUEST = "k7f-2mq"
_PANE = "own:0"

_SETTINGS = """\
set -g status off
set -g default-terminal "screen-256color"
set -g default-command "exec bash --noprofile --rcfile {rc}"
set -g escape-time 20
"""
_MORE = """\
sys.argv[0] = {name!r}
from agentguard.confirm import processes
processes.TOP = {top}
"""
_STAND_IN = """\
#!/bin/sh
# says that it ran, and does nothing
echo "$@" >> '{ran}'
echo 'To git.example.com:shop/webapp.git'
echo ' + 1f3c9a2...8d07b51 main -> main (forced update)'
"""
_CONFIG = """\
[remote "origin"]
url = git@git.example.com:shop/webapp.git
fetch = +refs/heads/*:refs/remotes/origin/*
"""


class Sitting:
    """A terminal, its user's home, a project, and a ``git`` that only says that it ran. A context manager."""

    def __enter__(self) -> Sitting:
        with ExitStack() as stack:
            # a short path of a known length: it is on the screens
            self.project = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ag-", dir="/tmp")))
            self._side = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.home = self._side / "home"
            self.ran = self._side / "ran"
            self._socket = str(self._side / "socket")
            self._arrange()
            stack.callback(self._end)
            self._start()
            self._kept = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def _arrange(self) -> None:
        config = self.home / ".config" / "agentguard" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text("[confirm]\nwait = 120\nnotify = false\n")
        (self.project / ".git" / "objects").mkdir(parents=True)
        (self.project / ".git" / "refs").mkdir()
        (self.project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        (self.project / ".git" / "config").write_text(_CONFIG)
        (self._side / "bin").mkdir()
        (self._side / "rc").write_text("PS1='$ '\nunset HISTFILE\n")
        (self._side / "tmux.conf").write_text(_SETTINGS.format(rc=self._side / "rc"))
        self._program("git", _STAND_IN.format(ran=self.ran))

    def _program(self, name: str, text: str) -> None:
        path = self._side / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def _start(self) -> None:
        size = ["-x", str(COLUMNS), "-y", str(ROWS)]
        self._tmux("-f", str(self._side / "tmux.conf"), "new-session", "-d", "-s", "own", *size)
        server = int(self._tmux("display-message", "-p", "#{pid}"))
        for name, module in (("agentguard", "agentguard.cli.main"), ("agentguard-shell", "agentguard.cli.shell")):
            more = _MORE.format(name=name, top=_parent(server))
            self._program(name, other_home.script(self.home, module, more))
        seat = [sys.executable, str(Path(__file__).with_name("seat.py")), TMUX, self._socket, str(ROWS), str(COLUMNS)]
        subprocess.run(seat, env=self.environment(), cwd="/", check=True, timeout=30, stdout=subprocess.DEVNULL)
        self._wait(lambda: self._tmux("list-clients", "-F", "#{client_width}") == f"{COLUMNS}", "nobody sits down")
        self.until("$")

    def _end(self) -> None:
        subprocess.run([TMUX, "-S", self._socket, "kill-server"], stderr=subprocess.DEVNULL, check=False)

    def environment(self) -> Mapping[str, str]:
        """What the programs see: nothing of what started the tests."""
        paths = f"{self._side}/bin:/usr/local/bin:/usr/bin:/bin"
        return {"PATH": paths, "HOME": str(self.home), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}

    def agent(self, command: str) -> subprocess.Popen[str]:
        """A process without a terminal that runs ``command`` through the shell of the guard."""
        return subprocess.Popen(
            [str(self._side / "bin" / "agentguard-shell"), "-c", command],
            env={**self.environment(), "AI_AGENT": "1"}, cwd=self.project, start_new_session=True, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def clear(self) -> None:
        """An empty screen with a prompt."""
        self._tmux("send-keys", "-t", _PANE, "C-l")
        self._wait(lambda: self._screen() == "$", "the screen was not cleared")

    def look_away(self) -> None:
        """The person turns to another window of theirs; keys still go into the first one."""
        self._tmux("new-window")

    def keys(self, *keys: str) -> None:
        """Press keys by their names in tmux: ``y``, ``Enter``."""
        self._tmux("send-keys", "-t", _PANE, *keys)

    def line(self, text: str) -> None:
        """Type a line."""
        self._tmux("send-keys", "-t", _PANE, "-l", text)
        self._tmux("send-keys", "-t", _PANE, "Enter")

    def until(self, text: str) -> str:
        """The screen as soon as ``text`` is on it and nothing changes any more."""
        self._wait(lambda: text in self._screen(), f"{text!r} was never shown")
        before = ""
        while before != (screen := _without_chance(self._screen(), str(self.project))):
            before = screen
            time.sleep(0.2)
        return screen

    def _screen(self) -> str:
        return "\n".join(line.rstrip() for line in self._tmux("capture-pane", "-t", _PANE, "-p").split("\n")).rstrip()

    def _wait(self, holds: Callable[[], bool], complaint: str) -> None:
        end = time.monotonic() + 40
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"{complaint}; the screen:\n{self._screen()}")
            time.sleep(0.05)

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            [TMUX, "-u", "-S", self._socket, *words], env=self.environment(), cwd=self.project,
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.rstrip("\n")


def _parent(pid: int) -> int:
    process = processes.read(pid)
    assert process is not None
    return process.parent


def _without_chance(screen: str, project: str) -> str:
    """The screen with one name for what is another at each time: the directory, the id of a request, times."""
    assert len(project) == len(SHOWN)
    screen = re.sub(r"\n?".join(map(re.escape, project)), _renamed, screen)  # the terminal may break it at its edge
    screen = re.sub(r"\b[2-9a-hj-km-np-tv-z]{3}-[2-9a-hj-km-np-tv-z]{3}\b", REQUEST, screen)
    screen = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "2026-01-31T12:00:00.000Z", screen)
    return "\n".join(map(_young, screen.split("\n")))


def _renamed(found: re.Match[str]) -> str:
    letters = iter(SHOWN)
    return "".join(letter if letter == "\n" else next(letters) for letter in found[0])


def _young(line: str) -> str:
    """A line whose request is two seconds old; in a frame it keeps its width."""
    framed = line.startswith("│")
    return re.sub(r"\d+ s ago( *)", lambda age: "2 s ago".ljust(len(age[0])) if framed else f"2 s ago{age[1]}", line)
