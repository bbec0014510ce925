"""The hooks of ``.pre-commit-hooks.yaml`` under the real pre-commit."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from other_home import environment
from scan.projects import BAD, Project

ROOT = Path(__file__).parents[2]
IDS = ("agentguard", "agentguard-workflows", "agentguard-make-docker")


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def hook_repository(base: Path) -> str:
    """A repository with the project's own hooks, that run this program without an environment of their own."""
    (base / "hooks").mkdir()
    hooks = Project(base / "hooks")
    program = shlex.join([sys.executable, "-P", "-m", "agentguard", "scan"])
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert text.count("language: python") == text.count("entry: agentguard scan") == len(IDS)
    text = text.replace("language: python", "language: system").replace("agentguard scan", program)
    (hooks.root / ".pre-commit-hooks.yaml").write_text(text)
    hooks.commit()
    return str(hooks.root)


def check(project: Project, *arguments: str) -> tuple[int, str]:
    """Run pre-commit to its end; status and what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=project.root,
        env=environment(HOME=str(project.home), PRE_COMMIT_HOME=str(project.home / "cache"), PRE_COMMIT_COLOR="never"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def tried(project: Project, hooks: str, *ids: str) -> tuple[int, str]:
    """All files through some hooks of a repository."""
    project.git("add", "-A")
    found = [check(project, "try-repo", f"file://{hooks}", one, "--all-files", "--verbose") for one in ids]
    return max(status for status, _ in found), "\n".join(text for _, text in found)


def test_each_hook_stops_its_own_kind_of_file(project, tmp_path):
    hooks = hook_repository(tmp_path)
    project.write("deploy.sh", "ls", BAD)
    steps = ("on: push", "jobs:", "  a:", "    runs-on: x", "    steps:", f"      - run: {BAD}")
    project.write(".github/workflows/ci.yml", *steps)
    project.write("other/values.yml", f"run: {BAD}")
    project.write("Makefile", "up:", f"\t{BAD}")
    expected = {IDS[0]: "deploy.sh:2:1:", IDS[1]: ".github/workflows/ci.yml:6:", IDS[2]: "Makefile:2:"}
    for one, place in expected.items():
        status, text = tried(project, hooks, one)
        assert status == 1 and place in text, text
        assert not any(other in text for other in expected.values() if other != place)
        assert "other/values.yml" not in text


def test_files_without_findings_pass(project, tmp_path):
    project.write("deploy.sh", "ls")
    project.write("Makefile", "up:", "\tls")
    status, text = tried(project, hook_repository(tmp_path), *IDS)
    assert status == 0 and "Passed" in text, text


def test_many_files_in_parallel_batches(project, tmp_path):
    for number in range(90):
        project.write(f"scripts/{number:02}.sh", "ls", BAD if number == 57 else "ls -la")
    status, text = tried(project, hook_repository(tmp_path), IDS[0])
    assert status == 1 and text.count(": critical: ") == 1 and "scripts/57.sh:2:1:" in text


def test_excluded_files_and_comments_hold_under_it(project, tmp_path):
    project.write("vendored/a.sh", BAD)
    project.write("b.sh", f"{BAD} # agentguard: ignore[git.*] -- a fork")
    project.write(".agentguard.toml", "[scan]", 'exclude = ["vendored/**"]')
    assert tried(project, hook_repository(tmp_path), IDS[0])[0] == 0


@pytest.mark.skipif(not os.environ.get("AGENTGUARD_CI"), reason="builds an environment, which takes the network")
def test_in_an_environment_of_its_own(project, tmp_path):
    clone = tmp_path / "clone"
    project.git("clone", "-q", str(ROOT), str(clone), cwd=tmp_path)
    project.write("deploy.sh", BAD)
    status, text = tried(project, str(clone), IDS[0])
    assert status == 1 and "deploy.sh:1:1: critical" in text, text
