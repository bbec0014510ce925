"""The progress bar in a real terminal: only there, only where it takes long, and never in the report."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from other_home import environment, start
from scan.projects import BAD, Project

#: What a bar ends with: its line is erased and the cursor is back.
_ERASED = b"\x1b[2K"
_CURSOR = b"\x1b[?25h"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


class Terminal:
    """A scan of standard input with its standard error on a terminal of its own. It ends when the input does."""

    def __init__(self, project: Project, *arguments: str, both: bool) -> None:
        self.master, seat = pty.openpty()
        fcntl.ioctl(seat, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*start(project.home), "scan", *arguments, "-"],
            cwd=project.root,
            env=environment(HOME=str(project.home), TERM="xterm"),
            stdin=subprocess.PIPE,
            stdout=seat if both else subprocess.PIPE,
            stderr=seat,
        )
        os.close(seat)
        self.shown = b""

    def read(self) -> bool:
        try:
            piece = os.read(self.master, 65_536)
        except OSError:  # whoever wrote there is gone
            return False
        self.shown += piece
        return bool(piece)

    def wait_for(self, text: bytes) -> None:
        while text not in self.shown:
            assert self.read(), self.shown

    def finish(self, text: str = "") -> bytes:
        """Give it the input; what it prints where that is no terminal. All that is shown is in ``shown`` then."""
        printed, _ = self.process.communicate(text.encode())
        while self.read():
            pass
        return printed or b""


@contextmanager
def terminal(project: Project, *arguments: str, both: bool = False) -> Iterator[Terminal]:
    made = Terminal(project, *arguments, both=both)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        os.close(made.master)


def test_it_shows_after_a_second_and_is_gone_before_the_report(project: Project) -> None:
    with terminal(project, both=True) as seen:
        seen.wait_for(b"scanning")
        assert time.monotonic() - seen.began > 1
        seen.finish(f"{BAD}\n")
    before, bar_gone, report = seen.shown.rpartition(_CURSOR)
    assert bar_gone and b"scanning" in before
    assert b"stdin:1:1" in report and b"scanning" not in report and b"stdin:1:1" not in before


def test_it_is_on_standard_error(project: Project) -> None:
    with terminal(project, "--format", "json") as seen:
        seen.wait_for(b"scanning")
        printed = seen.finish(f"{BAD}\n")
    assert [one["line"] for one in json.loads(printed)["findings"]] == [1]
    assert b"stdin:1:1" not in seen.shown and seen.shown.rstrip().endswith(_ERASED)


def test_a_short_scan_shows_none(project: Project) -> None:
    project.write("a.sh", "ls")
    with terminal(project, "a.sh") as seen:
        printed = seen.finish()
    assert b"in 2 files" in printed and seen.shown == b""


def test_without_a_terminal_there_is_none(project: Project) -> None:
    process = subprocess.Popen(
        [*start(project.home), "scan", "-"],
        cwd=project.root,
        env=environment(HOME=str(project.home)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    time.sleep(2.5)  # longer than the patience of a bar
    printed, error = process.communicate(f"{BAD}\n".encode())
    assert b"stdin:1:1" in printed and error == b""
