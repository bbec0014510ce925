"""The real program, as a process, for a user whose home directory and managed file lie somewhere else.

Where they lie cannot be said from outside: no variable and no option does that. So a line of Python says it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from agentguard.harness.detect import HARNESS_MARKERS

ROOT = str(Path(__file__).parents[1])
_START = """
import sys
sys.path.insert(0, {root!r})
import agentguard.policy as policy
policy.user_home = lambda: {home!r}
policy.MANAGED = {managed!r}
{more}from {entry} import main
main()
"""


def _code(home: Path, entry: str, more: str = "") -> str:
    managed = str(home / "managed" / "config.toml")
    return _START.format(root=ROOT, home=str(home), managed=managed, entry=entry, more=more)


def start(home: Path, entry: str = "agentguard.cli.main", called: str = "") -> list[str]:
    """The words that start the program, with ``home`` as the home directory; arguments follow.

    ``called`` is the name under which it finds itself called.
    """
    return [sys.executable, "-I", "-c", _code(home, entry, f"sys.argv[0] = {called!r}\n" if called else "")]


def script(home: Path, entry: str = "agentguard.cli.main", more: str = "") -> str:
    """The same as a script to put on a PATH. ``more``: whole lines of Python that come before the program."""
    return f"#!{sys.executable} -I\n{_code(home, entry, more)}"


def shell(home: Path, called: str = "bash") -> list[str]:
    """The words that start ``agentguard-shell`` under a name; the words of the shell follow."""
    return start(home, "agentguard.cli.shell", called)


def impatient(home: Path) -> Path:
    """The same home, whose owner does not let requests wait for an answer."""
    own_config(home).write_text("[confirm]\nwait = 0\n")
    return home


def environment(**more: str) -> dict[str, str]:
    """The environment without the marks of a harness."""
    return {**{name: value for name, value in os.environ.items() if name not in HARNESS_MARKERS}, **more}


def run(
    home: Path, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, without a terminal."""
    return subprocess.run(
        [*start(home), *arguments],
        cwd=cwd,
        env=environment(**(env or {})),
        input=stdin,
        capture_output=True,
        text=True,
        start_new_session=True,
    )


def own_config(home: Path) -> Path:
    """Where the user's file lies; its directory is made."""
    path = home / ".config" / "agentguard" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
