"""The one reader of real repositories, against real ones."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from agentguard.world.git import GitRepository, find_root
from agentguard.world.machine import MachineWorld
from agentguard.world.settings import Settings


def git(where: Path, *words: str) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(where.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "dev",
        "GIT_AUTHOR_EMAIL": "dev@example.com",
        "GIT_COMMITTER_NAME": "dev",
        "GIT_COMMITTER_EMAIL": "dev@example.com",
    }
    subprocess.run(["git", *words], cwd=where, env=env, check=True, capture_output=True)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    tree = tmp_path / "work"
    (tree / "src").mkdir(parents=True)
    (tree / "src" / "a.py").write_text("a\n")
    (tree / ".gitignore").write_text("node_modules/\nconfig/\n")
    git(tree, "init", "-qb", "main", "--template=")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "one")
    return tree


def repository(work: Path) -> GitRepository:
    return GitRepository(str(work), {"PATH": os.environ["PATH"], "HOME": str(work.parent)})


def test_a_clean_tree(work: Path) -> None:
    tree = repository(work)
    assert (tree.branch, tree.dirty, tree.untracked, tree.stashes) == ("main", False, False, 0)
    assert tree.holds(f"{work}/src") == "clean"
    assert tree.holds(f"{work}/nothing") == "missing"
    assert tree.holds(str(work.parent)) == "outside"
    assert tree.listed("changed") == frozenset()


def test_states_of_paths(work: Path) -> None:
    (work / "src" / "a.py").write_text("b\n")
    (work / "notes.txt").write_text("n\n")
    for name in ("node_modules", "config"):
        (work / name).mkdir()
        (work / name / "x").write_text("x\n")
    tree = repository(work)
    assert (tree.dirty, tree.untracked) == (True, True)
    assert tree.holds(f"{work}/src") == "changed"
    assert tree.holds(f"{work}/notes.txt") == "untracked"
    assert tree.holds(f"{work}/config") == "ignored"
    assert tree.listed("changed") == frozenset({f"{work}/src/a.py"})
    assert tree.listed("untracked") == frozenset({f"{work}/notes.txt"})
    assert tree.listed("ignored") == frozenset({f"{work}/config/"})


def test_commits_that_only_one_branch_holds(work: Path) -> None:
    git(work, "checkout", "-qb", "topic")
    git(work, "commit", "-qm", "two", "--allow-empty")
    git(work, "checkout", "-q", "main")
    tree = repository(work)
    assert (tree.unpushed("topic"), tree.unpushed("main"), tree.unpushed("absent")) == (1, 0, None)
    assert tree.ancestor("main", "topic") is True
    assert tree.ancestor("topic", "main") is False
    assert tree.ancestor("absent", "main") is None
    git(work, "branch", "copy", "topic")
    assert repository(work).unpushed("topic") == 0


def test_stashes_and_settings(work: Path) -> None:
    (work / "src" / "a.py").write_text("b\n")
    git(work, "stash")
    git(work, "config", "core.hooksPath", "hooks")
    tree = repository(work)
    assert tree.stashes == 1
    assert tree.config("core.hooksPath") == "hooks"
    assert tree.config("no.such") is None


def test_reading_changes_nothing_and_runs_no_monitor(work: Path) -> None:
    witness = work.parent / "ran"
    git(work, "config", "core.fsmonitor", f"touch {witness}")
    before = (work / ".git" / "index").stat().st_mtime_ns
    tree = repository(work)
    assert not tree.dirty
    assert not witness.exists()
    assert (work / ".git" / "index").stat().st_mtime_ns == before


def test_the_nearest_root_is_found_but_not_above_home(work: Path) -> None:
    assert find_root(f"{work}/src/deep/er", str(work.parent)) == str(work)
    assert find_root(str(work.parent / "other"), str(work.parent)) is None


def test_a_broken_repository_counts_as_precious(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    tree = GitRepository(str(tmp_path), {"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    assert tree.dirty and tree.untracked
    assert tree.listed("changed") is None
    assert tree.holds(f"{tmp_path}/x") == "changed"


def test_a_linked_work_tree(work: Path) -> None:
    git(work, "worktree", "add", "-q", "../linked", "-b", "side")
    env = {"PATH": os.environ["PATH"], "HOME": str(work.parent)}
    world = MachineWorld(env, str(work.parent / "linked"), Settings())
    tree = world.repository(world.cwd)
    assert tree is not None and tree.branch == "side"
    assert world.project() == str(work.parent / "linked")
