"""The projects that examples are judged in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from agentguard.rulebook.sandbox import Box, Sandboxes


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Sandboxes:
    return Sandboxes(str(tmp_path_factory.mktemp("boxes")))


def git(box: Box, *words: str) -> str:
    env = {**box.environment({}), "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", *words], cwd=box.cwd, env=env, capture_output=True, text=True, check=True).stdout


def test_a_plain_project_is_clean_and_pushed(sandboxes: Sandboxes) -> None:
    box = sandboxes.box({})
    assert box.cwd == f"{box.home}/work/app"
    assert git(box, "status", "--porcelain") == ""
    assert git(box, "rev-parse", "main") == git(box, "rev-parse", "origin/main")
    assert (Path(box.cwd) / "node_modules/x/index.js").exists()


@pytest.mark.parametrize(
    ("state", "status"),
    [("dirty", {" M src/app.py", "M  src/index.ts", "?? notes.txt"}), ("untracked", {"?? notes.txt", "?? scratch/"})],
)
def test_states(sandboxes: Sandboxes, state: str, status: set[str]) -> None:
    assert set(git(sandboxes.box({"git": state}), "status", "--porcelain").splitlines()) == status


def test_more_states(sandboxes: Sandboxes) -> None:
    assert len(git(sandboxes.box({"git": "stash"}), "stash", "list").splitlines()) == 2
    assert len(git(sandboxes.box({"git": "unpushed"}), "log", "--oneline", "origin/main..main").splitlines()) == 2
    assert not (Path(sandboxes.box({"git": "none"}).cwd) / ".git").exists()


def test_files_and_variables(sandboxes: Sandboxes) -> None:
    needs = {
        "files": {
            "x/a.sh": "#!/bin/sh\n",
            "~/.netrc": "machine",
            "empty": {},
            "link": {"link": "~/Documents"},
            "README.md.append": "more\n",
        },
        "cwd": "x",
        "env": {"A": "b"},
    }
    box = sandboxes.box(needs)
    project = Path(box.home) / "work/app"
    assert box.cwd == str(project / "x")
    assert (project / "x/a.sh").stat().st_mode & 0o100
    assert (Path(box.home) / ".netrc").read_text() == "machine"
    assert (project / "empty").is_dir()
    assert (project / "link" / "letter.txt").read_text() == "keep\n"
    assert (project / "README.md").read_text() == "# app\nmore\n"
    assert box.environment(needs)["A"] == "b"
    assert sandboxes.box({**needs, "env": {}}) is box


def test_nothing_outside_is_touched(sandboxes: Sandboxes) -> None:
    with pytest.raises(ValueError, match="leaves the sandbox"):
        sandboxes.box({"files": {"../../../../x": "y"}})
