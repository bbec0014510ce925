"""What a scan does not read: it says so, once and where, and it hides nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from scan.projects import BAD, RULE, Project

#: A workflow with a step for each of two languages that are not read, and one that is.
WORKFLOW = (
    "on: push", "jobs:", "  a:", "    steps:", "      - shell: pwsh", "        run: Remove-Item x",
    "      - shell: pwsh", "        run: Remove-Item y", "      - shell: cmd", "        run: del x",
    f"      - run: {BAD}",
)  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def unread(project: Project, *arguments: str) -> list[tuple[str, int, str]]:
    problems = json.loads(project.run("scan", "--format", "json", *arguments).stdout)["problems"]
    return [(one["file"], one["line"], one["message"]) for one in problems]


def test_each_language_is_told_once_a_file(project: Project) -> None:
    name = ".github/workflows/ci.yml"
    project.write(name, *WORKFLOW)
    assert unread(project) == [(name, 6, "pwsh is not read"), (name, 10, "cmd is not read")]
    assert project.scan(status=1) == [(name, 11, RULE)]
    assert f"{name}:6:14: not read: pwsh is not read" in project.run("scan").stdout
    github = project.run("scan", "--format", "github").stdout
    assert github.count("::notice file=.github/workflows/ci.yml,line=6,") == 1 and "::warning" not in github
    (run,) = json.loads(project.run("scan", "--format", "sarif").stdout)["runs"]
    assert {note["level"] for note in run["invocations"][0]["toolExecutionNotifications"]} == {"note"}


def test_another_language_alone_is_no_failure_and_a_broken_file_is(project: Project) -> None:
    project.write("a.fish", "ls")
    project.write("b", "#!/bin/csh", "ls")
    assert project.run("scan", "a.fish", "b").returncode == 0
    assert unread(project) == [("a.fish", 1, "fish is not read"), ("b", 1, "csh is not read")]
    (project.root / "c.sh").write_text("x" * 2_000_000)
    assert project.run("scan", "c.sh").returncode == 2


def test_python_that_is_not_python(project: Project) -> None:
    project.write("justfile", "a:", "  #!/usr/bin/env python3", "  x = 1", "  if x", "b:", f"  {BAD}")
    assert unread(project) == [("justfile", 4, "this Python program cannot be parsed: expected ':'")]
    assert project.scan() == [("justfile", 6, RULE)]


def test_of_unread_places_those_of_changed_lines_are_listed(project: Project) -> None:
    project.write("a.sh", "ls", "echo )", "ls")
    project.write("b.sh", "x" * 2_000_000)
    project.commit()
    project.write("a.sh", "ls", "echo )", "ls", "echo )", BAD)
    assert [line for _, line, _ in unread(project, "--diff", "HEAD")] == [4]
    assert [(file, line) for file, line, _ in unread(project)] == [("a.sh", 2), ("a.sh", 4), ("b.sh", 1)]
    project.write("b.sh", "y" * 2_000_000)
    assert [file for file, _, _ in unread(project, "--diff", "HEAD")] == ["a.sh", "b.sh"]


def test_what_is_excluded_is_not_opened(project: Project) -> None:
    """A file that would be a problem as soon as it is opened, in a directory and by itself."""
    project.write("vendored/deep/a.sh", "x" * 2_000_000)
    project.write("made.sh", "x" * 2_000_000)
    os.mkfifo(project.root / "pipe.sh")
    project.write(".agentguard.toml", "[scan]", 'exclude = ["vendored", "made.sh", "pipe.sh"]')
    project.write("fine.sh", "ls")
    done = project.run("scan", ".", "made.sh", "pipe.sh")
    assert done.returncode == 0 and "in 1 file; 4 excluded (" in done.stdout
    assert unread(project, "--no-ignore", ".", "pipe.sh") == [
        ("made.sh", 1, "is larger than 1,048,576 bytes and is not read"),
        ("vendored/deep/a.sh", 1, "is larger than 1,048,576 bytes and is not read"),
        ("pipe.sh", 1, "is not a regular file"),
    ]


def test_a_text_inside_a_command_is_silenced_and_changed_like_the_command(project: Project) -> None:
    lines = ["ls", "bash <<'END'", "true", BAD, "END"]
    project.write("a.sh", *lines)
    assert project.scan() == [("a.sh", 4, RULE)]
    comment = f"# agentguard: ignore[{RULE}] -- a copy"
    for at in (1, 3):
        project.write("a.sh", *lines[:at], comment, *lines[at:])
        assert project.scan() == []
    project.write("a.sh", *lines)
    project.commit()
    project.write("a.sh", "ls", "bash -e <<'END'", *lines[2:])
    assert project.scan("--diff", "HEAD") == [("a.sh", 4, RULE)]
    project.write("a.sh", *lines, "ls")
    assert project.scan("--diff", "HEAD") == []


def test_the_same_text_at_two_places_is_found_at_both(project: Project) -> None:
    project.write("a.sh", f"ssh one '{BAD}'", f"ssh two '{BAD}'", f"eval '{BAD}'")
    assert [line for _, line, _ in project.scan()] == [1, 2, 3]
