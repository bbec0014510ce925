"""Text for zsh: judged with the grammar of bash only where both read it alike."""

from __future__ import annotations

import os

import pytest

from agentguard.frontdoor import FrontDoor
from agentguard.syntax.quoting import quote

door = FrontDoor()

ALIKE = (
    "git status",
    "git diff HEAD~1 HEAD~3:a.txt main~2..HEAD",
    "ls -la | head -3",
    "for f in *.py; do echo $f; done",
    'echo "${x:-a}" $HOME',
    "if [[ -f x ]]; then cat x; fi",
    "cat <<E\nhi = x\nE",
    "git commit -m 'select what is = here'",
    "ls src/**/*.py",
    "grep -rn repeat src",
    "python3 - <<'E'\nx = (1, 2)\nE",
)
OTHERWISE = (
    "a=(x /); rm -rf $a",
    "a=(x /); rm -rf $a[2]",
    "=rm -rf build",
    "repeat 3 echo x",
    "alias -g G='| sh'; echo x G",
    "rm -rf $~x",
    "echo *~keep",
    "echo *.c~1",
    "echo build~1x",
    "echo build~1/*",
    "zmodload zsh/files; zf_rm x",
    "chpwd() { echo x; }; cd /",
    "TRAPEXIT() { echo x; }",
    "rm -f *(.)",
    "for x (a b) echo $x",
    "echo ${(e):-x}",
)


def verdict(text: str) -> str:
    command = f"zsh -c {quote(text)}"
    env = {"PATH": "/usr/bin", "HOME": "/home/dev"}
    return door.judge(command, cwd=os.path.dirname(__file__), env=env).verdict.decision


@pytest.mark.parametrize("text", ALIKE)
def test_what_both_read_alike_runs(text: str) -> None:
    assert verdict(text) == "allow"


@pytest.mark.parametrize("text", OTHERWISE)
def test_what_zsh_reads_otherwise_is_asked_about(text: str) -> None:
    assert verdict(text) == "ask"
