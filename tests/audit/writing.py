"""Processes that write to an audit log in a directory of the test, as parallel agents would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[2])
_SCRIPT = """
import sys
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
import agentguard.policy as policy
policy.user_home = lambda: {home!r}
from agentguard import audit
from made import made_answer
audit.LIMIT, audit.KEEP = {limit}, {keep}
for number in range({count}):
    answer = made_answer(text=f"echo {name} {{number}}")
    problem = audit.record(answer, outcome="ran", status=None, harness="", cwd="/")
    if problem:
        sys.exit(problem)
"""


def writer(home: Path, name: str, *, count: int, limit: int, keep: int) -> subprocess.Popen[str]:
    """A process that records ``count`` commands ``echo NAME NUMBER``."""
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
