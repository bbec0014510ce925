"""observe, standard and strict through ``exec`` and ``check``. git and rm are stand-ins that only leave a mark."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from other_home import own_config, run

PUSH = "git push --force origin main"
FLOOR = "rm -rf /"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "tools").mkdir()
    for name in ("git", "rm"):
        tool = tmp_path / "tools" / name
        tool.write_text(f'#!/bin/sh\ntouch "{tmp_path}/ran-{name}"\n')
        tool.chmod(0o755)
    return tmp_path


def tried(home: Path, mode: str, *arguments: str):
    own_config(home).write_text(f'mode = "{mode}"\n[confirm]\nwait = 0\nnotify = false\n')
    path = f"{home}/tools:{os.environ['PATH']}"
    return run(home, *arguments, cwd=home / "app", env={"PATH": path, "HOME": str(home)})


@pytest.mark.parametrize(
    ("mode", "text", "status"),
    [
        ("observe", PUSH, 0),
        ("standard", PUSH, 1),
        ("strict", PUSH, 2),
        ("observe", FLOOR, 2),
        ("standard", FLOOR, 2),
        ("strict", FLOOR, 2),
        ("observe", "echo 'open", 1),
        ("standard", "echo 'open", 1),
        ("strict", "echo 'open", 2),
        ("observe", "git status", 0),
        ("standard", "git status", 0),
        ("strict", "git status", 0),
        ("strict", "make build", 0),
    ],
)
def test_check(home, mode, text, status):
    done = tried(home, mode, "check", "--", text)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr


@pytest.mark.parametrize("mode", ["observe", "standard", "strict"])
def test_exec_runs_only_in_observe(home, mode):
    done = tried(home, mode, "exec", "-c", PUSH)
    runs = mode == "observe"
    assert done.returncode == (0 if runs else 126), done.stderr
    assert (home / "ran-git").exists() is runs
    assert done.stdout == ""


@pytest.mark.parametrize("mode", ["observe", "standard", "strict"])
def test_the_floor_holds_in_every_mode(home, mode):
    done = tried(home, mode, "exec", "-c", FLOOR)
    assert done.returncode == 126, done.stderr
    assert not (home / "ran-rm").exists()


def test_observe_says_what_it_saw(home):
    answer = json.loads(tried(home, "observe", "explain", "--json", "--", PUSH).stdout)
    assert (answer["verdict"], answer["mode"]) == ("allow", "observe")
    assert answer["findings"] and "overwrites" in answer["reason"]


def test_a_project_makes_it_strict_and_nothing_less(home):
    project = home / "app" / ".agentguard.toml"
    project.write_text('mode = "strict"\n')
    assert tried(home, "observe", "check", "--", PUSH).returncode == 2
    project.write_text('mode = "observe"\n')
    assert tried(home, "standard", "check", "--", PUSH).returncode == 1


def test_a_managed_file_that_others_can_write_lets_nothing_run(home):
    managed = home / "managed" / "config.toml"
    managed.parent.mkdir()
    managed.write_text('mode = "observe"\n')
    managed.parent.chmod(0o777)
    done = tried(home, "observe", "exec", "-c", PUSH)
    assert done.returncode == 125 and "root alone" in done.stderr
    assert not (home / "ran-git").exists()
