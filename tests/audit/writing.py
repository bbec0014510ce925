"""Processes that write to an audit log in a directory of the test, as parallel agents would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from made import made_answer
from other_home import ROOT

from agentguard.frontdoor import Answer
from agentguard.light import replace
from agentguard.policy import Policy

_SCRIPT = """
import sys
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
import agentguard.policy as policy
policy.user_home = lambda: {home!r}
from agentguard import audit
from audit.writing import made, unit
audit.MIB = unit({limit}) or audit.MIB
for number in range({count}):
    answer = made(f"echo {name} {{number}}", audit_keep={keep})
    problem = audit.record(answer, outcome="ran", status=None, harness="", cwd="/")
    if problem:
        sys.exit(problem)
"""


def unit(limit: int) -> int:
    """What a MiB must be so that a file of the default size is full at ``limit`` bytes."""
    return limit // Policy().audit_size


def made(text: str, **policy: Any) -> Answer:
    """An answer under a policy with these values."""
    return replace(made_answer(text=text), policy=Policy(**policy))


def writer(home: Path, name: str, *, count: int, limit: int = 0, keep: int = 8) -> subprocess.Popen[str]:
    """A process that records ``count`` commands ``echo NAME NUMBER``; files of ``limit`` bytes, or of the default."""
    code = _SCRIPT.format(root=ROOT, home=str(home), name=name, count=count, limit=limit, keep=keep)
    return subprocess.Popen([sys.executable, "-I", "-c", code], stderr=subprocess.PIPE, text=True)


def state(home: Path) -> Path:
    return home / ".local" / "state" / "agentguard"


def commands(home: Path) -> list[str]:
    """The commands of all files, oldest file first."""
    found = sorted(state(home).glob("audit.jsonl*"), key=_age, reverse=True)
    return [json.loads(line)["command"] for path in found for line in path.read_text().splitlines()]


def _age(path: Path) -> int:
    number = path.suffix[1:]
    return int(number) if number.isdigit() else 0
