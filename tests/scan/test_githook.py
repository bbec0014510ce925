"""``agentguard install git-hook``: real commits in scratch repositories."""

import os

import pytest
from scan.projects import BAD, Project


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    made.write("a.sh", "ls")
    made.commit()
    return made


def install(project, *, cwd=None, status=0) -> str:
    done = project.run("install", "git-hook", cwd=cwd)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def uninstall(project, status=0) -> str:
    done = project.run("uninstall", "git-hook")
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def stops_a_commit(project, cwd=None) -> bool:
    """Whether what must not be committed is stopped, and what may be committed is not."""
    root = cwd or project.root
    (root / "bad.sh").write_text(f"{BAD}\n")
    (root / "good.sh").write_text("ls -la\n")
    project.git("add", "good.sh", cwd=root)
    project.git("commit", "-q", "-m", "good", cwd=root)
    project.git("add", "bad.sh", cwd=root)
    before = project.git("rev-parse", "HEAD", cwd=root)
    out = project.git("commit", "-q", "-m", "bad", cwd=root, fails=True)
    assert "bad.sh:1:1: critical" in out and "--no-verify" in out
    return project.git("rev-parse", "HEAD", cwd=root) == before


def test_a_commit_is_stopped_and_can_be_made_all_the_same(project):
    assert ".git/hooks/pre-commit scans" in install(project)
    assert os.access(project.root / ".git" / "hooks" / "pre-commit", os.X_OK)
    assert stops_a_commit(project)
    project.git("commit", "-q", "--no-verify", "-m", "bad")
    assert "is gone" in uninstall(project)
    assert not (project.root / ".git" / "hooks" / "pre-commit").exists()
    assert "is not there" in uninstall(project)


def test_what_is_committed_counts_and_not_the_work_tree(project):
    install(project)
    project.write("a.sh", BAD)
    project.write("b.sh", "ls")
    project.git("add", "b.sh")
    project.git("commit", "-q", "-m", "only b")
    project.git("commit", "-q", "-m", "all", "-a", fails=True)
    project.git("commit", "-q", "-m", "that file", "a.sh", fails=True)
    (project.root / "sub").mkdir()
    project.git("commit", "-q", "-m", "from below", "-a", cwd=project.root / "sub", fails=True)


def test_a_hook_that_was_there_runs_first_and_comes_back(project):
    hook = project.write(".git/hooks/pre-commit", "#!/bin/sh", "echo mine; test ! -e forbidden")
    hook.chmod(0o755)
    text = hook.read_text()
    assert "runs first, as pre-commit.local" in install(project)
    assert "there already" in install(project)
    assert (project.root / ".git/hooks/pre-commit.local").read_text() == text
    assert stops_a_commit(project)
    project.git("rm", "-q", "--cached", "bad.sh")
    project.write("c.sh", "ls")
    project.git("add", "c.sh")
    (project.root / "forbidden").touch()
    assert "mine" in project.git("commit", "-m", "x", fails=True)
    (project.root / "forbidden").unlink()
    assert "mine" in project.git("commit", "-m", "x")
    uninstall(project)
    assert hook.read_text() == text and not (project.root / ".git/hooks/pre-commit.local").exists()


def test_nothing_is_overwritten(project):
    hook = project.write(".git/hooks/pre-commit", "#!/bin/sh", "true")
    kept = project.write(".git/hooks/pre-commit.local", "#!/bin/sh", "false")
    assert "make them one hook first" in install(project, status=125)
    assert "is not agentguard's" in uninstall(project, status=125)
    assert "true" in hook.read_text() and "false" in kept.read_text()


def test_core_hooks_path(project):
    project.git("config", "core.hooksPath", "our hooks")
    (project.root / "sub").mkdir()
    assert "every repository with that setting" in install(project, cwd=project.root / "sub")
    assert (project.root / "our hooks" / "pre-commit").exists()
    assert stops_a_commit(project)
    project.git("config", "core.hooksPath", "/dev/null")
    assert "switched off" in install(project, status=125)


def test_linked_work_trees_share_the_hook(project, tmp_path):
    project.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    install(project, cwd=tmp_path / "side")
    assert (project.root / ".git" / "hooks" / "pre-commit").exists()
    assert stops_a_commit(project, cwd=tmp_path / "side")


def test_bare_repositories(project, tmp_path):
    (tmp_path / "b").mkdir()
    bare = Project(tmp_path / "b", bare=True)
    assert "bare" in install(bare, status=125)
    project.git("clone", "-q", "--bare", str(project.root), str(tmp_path / "c.git"))
    project.git("worktree", "add", "-q", str(tmp_path / "tree"), "main", cwd=tmp_path / "c.git")
    install(project, cwd=tmp_path / "c.git")
    assert stops_a_commit(project, cwd=tmp_path / "tree")
    assert "is in no git repository" in install(project, cwd=tmp_path, status=125)


def test_modules_in_the_work_tree_are_not_taken_for_the_program(project, tmp_path):
    install(project)
    marker = tmp_path / "ran"
    for module in ("click", "json", "agentguard/__init__", "agentguard/__main__"):
        project.write(f"{module}.py", f"open({str(marker)!r}, 'w')")
    assert stops_a_commit(project)
    assert not marker.exists()
