"""A person at a terminal, and an agent that is not one, for tests: the real program on real terminals.

The process tree that runs the tests may itself lie under an agent. So the program is told where its tree ends, and
whose home it uses; no variable and no option can say that. What makes the terminal (the test) is left out of sight
only where ``maker`` is false.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import other_home

_MORE = """
from agentguard.confirm import processes
processes.TOP = {top}
if not {maker}:
    processes.holders = lambda terminal: []
sys.argv[0] = "agentguard"
"""


def program(home: Path, *, top: int | None = None, maker: bool = False) -> str:
    """The path of a file that is ``agentguard`` for this home; ``top`` is the process above which nothing is seen."""
    path = home / f"agentguard-{top or os.getpid()}-{maker:d}.py"
    path.write_text(other_home.script(home, more=_MORE.format(top=top or os.getpid(), maker=maker)))
    return str(path)


def words(home: Path, *arguments: str, top: int | None = None, maker: bool = False) -> list[str]:
    return [sys.executable, program(home, top=top, maker=maker), *arguments]


def environment(**more: str) -> dict[str, str]:
    plain = other_home.environment(TERM="xterm")
    plain.pop("LD_PRELOAD", None)
    return {**plain, **more}


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Without a terminal."""
    return subprocess.run(
        words(home, *arguments), env=environment(**more), capture_output=True, text=True,
        start_new_session=True, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip


class Terminal:
    """A program on a terminal of its own; the test sits in front of it."""

    def __init__(self, command: list[str], *, env: dict[str, str] | None = None, rows: int = 24, columns: int = 80):
        self.seen = ""
        self.status: int | None = None
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, env or environment())

    def until(self, text: str, seconds: float = 30) -> str:
        """Everything shown once ``text`` is; fails where it never is."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            if not self._read(end):
                raise AssertionError(f"{text!r} never came: {self.seen[-3000:]}")
        return self.seen

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def forget(self) -> None:
        self.seen = ""

    def end(self, seconds: float = 30) -> int:
        """The exit status, once the program has ended."""
        end = time.monotonic() + seconds
        while self._read(end):
            pass
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                os.kill(self.pid, 9)
                raise AssertionError(f"it did not end: {self.seen[-3000:]}")
            else:
                time.sleep(0.02)
        os.close(self._master)
        return self.status

    def _read(self, end: float) -> bool:
        if not select.select([self._master], [], [], max(0.0, end - time.monotonic()))[0]:
            return False
        try:
            part = os.read(self._master, 65536)
        except OSError:
            return False
        self.seen += part.decode("utf-8", "replace")
        return bool(part)
