"""An audit log that cannot be written, at the shell: the verdict stands, and strict mode runs nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import other_home
import pytest

#: what lies in the way, where a directory or a file of the log should be
IN_THE_WAY = [".local", ".local/state", ".local/state/agentguard"]
WAYS = ["-c", "standard input"]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A stand-in for git, which only says that it ran."""
    tool = tmp_path / "tools" / "git"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho \"git $*\"\n")
    tool.chmod(0o755)
    return tool.parent


def shell(started: Path, tools: Path, way: str, command: str) -> subprocess.CompletedProcess[str]:
    """The shell with one command: as a text, or as a program on standard input."""
    text = way == "-c"
    return subprocess.run(
        [*other_home.shell(started), *(["-c", command] if text else [])],
        input="" if text else f"{command}\n", env=other_home.environment(PATH=f"{tools}:{os.environ['PATH']}"),
        cwd=tools, capture_output=True, text=True, start_new_session=True, timeout=60, check=False,
    )  # fmt: skip


def block(home: Path, name: str) -> None:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a file where a directory should be")


def configure(home: Path, mode: str) -> None:
    other_home.own_config(home).write_text(f'mode = "{mode}"\n[confirm]\nwait = 0\n')


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", IN_THE_WAY)
@pytest.mark.parametrize("mode", ["standard", "observe"])
def test_the_verdict_stands_and_one_line_says_it(started: Path, tools: Path, name: str, way: str, mode: str) -> None:
    configure(started, mode)
    block(started, name)
    done = shell(started, tools, way, "git status")
    assert (done.returncode, done.stdout) == (0, "git status\n")
    assert done.stderr.count("\n") == 1 and "agentguard: this command is not in the audit log" in done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_what_is_stopped_stays_stopped(started: Path, tools: Path, way: str) -> None:
    configure(started, "standard")
    block(started, ".local/state/agentguard")
    done = shell(started, tools, way, "git push --force origin main")
    assert (done.returncode, done.stdout) == (126, "")
    assert done.stderr.count("not in the audit log") == 1 and "not run" in done.stderr


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", IN_THE_WAY)
def test_strict_mode_refuses(started: Path, tools: Path, name: str, way: str) -> None:
    configure(started, "strict")
    assert shell(started, tools, way, "git status").stdout == "git status\n"
    for path in sorted((started / ".local").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (started / ".local").rmdir()
    block(started, name)
    done = shell(started, tools, way, "git status")
    assert (done.returncode, done.stdout) == (126, "")
    assert "not in the audit log" in done.stderr and "in strict mode every command must be in the log" in done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_said_where_it_can_be_written_again(started: Path, tools: Path, way: str) -> None:
    configure(started, "strict")
    block(started, ".local")
    assert shell(started, tools, way, "git status").returncode == 126
    (started / ".local").unlink()
    done = shell(started, tools, way, "git status")
    assert (done.returncode, done.stdout, done.stderr) == (0, "git status\n", "")
