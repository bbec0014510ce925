"""Many processes at once, and an end to the waiting for them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import other_home
from other_home import ROOT

#: files a number of requests, each for another command
_FILING = """
import sys
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
from agentguard import policy
policy.user_home = lambda: {home!r}
from made import made_answer, made_finding
from agentguard.confirm import requests
from agentguard.confirm.described import draft
for number in range({count}):
    text = f"git push --force origin {name}-{{number}}"
    request, new = requests.file(draft(made_answer(made_finding(), text=text), "/home/dev/app"))
    assert new and request.state == requests.PENDING
"""


@dataclass(frozen=True, slots=True)
class Done:
    """How a process ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Place:
    """A home, a working directory, and stand-ins that write down what they were called with in ``ran``."""

    home: Path
    work: Path
    tools: Path
    ran: Path

    def shells(self, commands: Sequence[str]) -> list[subprocess.Popen[str]]:
        """One shell of the guard for each command, all at once, without a terminal."""
        env = other_home.environment(PATH=f"{self.tools}:/usr/local/bin:/usr/bin:/bin")
        words = other_home.shell(self.home)
        return [started([*words, "-c", command], self.work, env) for command in commands]

    def filing(self, name: str, count: int) -> subprocess.Popen[str]:
        """A process that files ``count`` requests."""
        code = _FILING.format(root=ROOT, home=str(self.home), name=name, count=count)
        return started([sys.executable, "-I", "-c", code], self.work, other_home.environment())


def started(words: Sequence[str], cwd: Path, env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words, cwd=cwd, env=env, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(running: Sequence[subprocess.Popen[str]], seconds: float) -> list[Done]:
    """How all of them ended; fails, and ends them, where that takes longer than so many seconds together."""
    end = time.monotonic() + seconds
    try:
        return [_ended(process, end) for process in running]
    except subprocess.TimeoutExpired:
        stuck = sum(process.poll() is None for process in running)
        raise AssertionError(f"{stuck} of {len(running)} processes did not end within {seconds} s") from None
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.communicate()


def _ended(process: subprocess.Popen[str], end: float) -> Done:
    out, err = process.communicate(timeout=max(0.01, end - time.monotonic()))
    return Done(process.returncode, out, err)
