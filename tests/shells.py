"""A directory of shells as ``agentguard shell-dir`` makes it, for a user whose home lies somewhere else."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

import other_home


def code(home: Path, called: str = "") -> str:
    """What starts agentguard's shell in a Python without site packages."""
    *_, start = other_home.shell(home, called) if called else other_home.start(home, "agentguard.cli.shell")
    return f"import sys\nsys.path[:0] = {[other_home.ROOT, sysconfig.get_path('purelib')]!r}\n{start}"


def words(home: Path, called: str = "bash") -> list[str]:
    """The words that start the shell under a name; the words of the shell follow."""
    return [sys.executable, "-IS", "-c", code(home, called)]


def directory(place: Path, home: Path) -> Path:
    """A directory with ``bash``, ``sh`` and, where there is one, ``zsh``."""
    place.mkdir(parents=True)
    for name in ("bash", "sh", "zsh"):
        if shutil.which(name):
            path = place / name
            path.write_text(f"#!{sys.executable} -IS\n{code(home)}")
            path.chmod(0o755)
    return place
