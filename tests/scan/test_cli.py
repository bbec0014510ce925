"""``agentguard scan`` as a process: what it scans, and its exit status."""

import json
import os
import stat

import pytest
from scan.projects import BAD, RULE, Project


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_the_default_is_this_directory(project):
    project.write("ops/deploy.sh", "#!/bin/sh", "echo hello", BAD)
    project.write("fine.sh", "#!/bin/sh", "ls -la")
    assert project.scan(status=1) == [("ops/deploy.sh", 3, RULE)]
    assert project.scan(cwd=project.root / "ops", status=1) == [("deploy.sh", 3, RULE)]


def test_nothing_found_is_status_0(project):
    project.write("fine.sh", "#!/bin/sh", "ls -la")
    done = project.run("scan")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no findings in 1 file" in done.stdout


def test_fail_on_is_a_threshold(project):
    project.write("tidy.sh", "# agentguard: ignore[nothing.here] -- an unused comment is of low severity")
    assert project.scan(status=0) == [("tidy.sh", 1, "scan.ignore-unused")]
    assert len(project.scan("--fail-on", "medium", status=0)) == 1
    assert len(project.scan("--fail-on", "low", status=1)) == 1
    project.write("deploy.sh", BAD)
    assert len(project.scan("--fail-on", "critical", status=1)) == 2


def test_several_paths_and_standard_input(project):
    project.write("a.sh", BAD)
    project.write("b.sh", "", BAD)
    project.write("c.sh", BAD)
    assert project.scan("b.sh", "a.sh") == [("a.sh", 1, RULE), ("b.sh", 2, RULE)]
    assert project.scan("-", stdin=f"\n\n{BAD}\n", status=1) == [("stdin", 3, RULE)]
    assert project.scan("-", stdin="ls\n", status=0) == []


def test_a_path_that_does_not_exist_is_status_2_and_the_others_are_scanned(project):
    project.write("a.sh", BAD)
    done = project.run("scan", "--format", "json", "a.sh", "gone.sh")
    assert done.returncode == 2
    assert "gone.sh: no such file or directory" in done.stderr
    assert [one["file"] for one in json.loads(done.stdout)["findings"]] == ["a.sh"]


def test_where_nothing_can_be_read_it_is_status_2_and_a_broken_part_is_not(project):
    project.write("big.sh", "x" * 2_000_000)
    done = project.run("scan", "big.sh")
    assert done.returncode == 2 and "not read: is larger" in done.stdout
    project.write("fine.sh", "ls")
    assert project.run("scan").returncode == 0
    project.write("broken.sh", "if then", BAD)
    done = project.run("scan", "broken.sh", "--fail-on", "critical")
    assert "broken.sh:1:" in done.stdout and "not read" in done.stdout and done.returncode in (0, 1)


def test_kinds(project):
    project.write("deploy.sh", BAD)
    workflow = ("on: push", "jobs:", "  a:", "    runs-on: x", "    steps:", f"      - run: {BAD}")
    project.write(".github/workflows/ci.yml", *workflow)
    everything = {name for name, _, _ in project.scan()}
    assert everything == {"deploy.sh", ".github/workflows/ci.yml"}
    for kind in ("gha", "workflow"):
        assert [name for name, _, _ in project.scan("--kind", kind)] == [".github/workflows/ci.yml"]
    assert len(project.scan("--kind", "gha", "--kind", "shell")) == 2
    assert project.run("scan", "--kind", "cobol").returncode == 125


def test_standard_input_is_of_the_kind_that_is_named(project):
    assert project.scan("-", "--kind", "make", stdin=f"up:\n\t{BAD}\n", status=1) == [("stdin", 2, RULE)]
    assert project.scan("-", "--kind", "sql", stdin="SELECT 1;\n", status=0) == []
    done = project.run("scan", "-", "--kind", "make", "--kind", "sql", stdin=f"{BAD}\n")
    assert done.returncode == 2 and "stdin:1:1: not read: is taken for a shell script" in done.stdout


def test_files_that_a_pipeline_includes(project):
    for name in (".gitlab/ci/build.yml", ".gitlab-ci/test.yaml", "ci/x.gitlab-ci.yml"):
        project.write(name, "job:", f"  script: {BAD}")
    project.write(".gitlab/other.yml", "job:", f"  script: {BAD}")
    assert {name for name, _, _ in project.scan()} == {
        ".gitlab/ci/build.yml", ".gitlab-ci/test.yaml", "ci/x.gitlab-ci.yml",
    }  # fmt: skip


def test_markdown_only_where_it_is_asked_for(project):
    project.write("README.md", "# Deploy", "```sh", BAD, "```")
    assert project.scan(status=0) == []
    assert project.scan("--markdown", status=1) == [("README.md", 3, RULE)]
    assert project.scan("--kind", "markdown", status=1) == [("README.md", 3, RULE)]


def test_many_files_in_several_processes(project):
    for number in range(70):
        project.write(f"{number:02}.sh", "ls", BAD if number % 10 == 3 else "ls")
    expected = [(f"{number:02}.sh", 2, RULE) for number in range(3, 70, 10)]
    assert project.scan("--jobs", "3", status=1) == expected == project.scan("--jobs", "1", status=1)


def test_nothing_in_the_files_is_run(project, tmp_path):
    marker = tmp_path / "ran"
    touch = f"touch {marker}"
    project.write("run.sh", "#!/bin/sh", touch, f"x=$({touch})", f"eval '{touch}'", BAD)
    project.write("Makefile", f"X := $(shell {touch})", "all:", f"\t{touch}")
    project.write(".envrc", touch)
    for module in ("click", "json", "rich", "agentguard/__init__", "sitecustomize"):
        project.write(f"{module}.py", f"open({str(marker)!r}, 'w')")
    project.write(".gitattributes", "*.sh diff=shown filter=kept")
    project.git("config", "diff.shown.textconv", touch)
    project.git("config", "diff.external", touch)
    project.git("config", "core.fsmonitor", touch)
    project.git("add", "-A", "-f")
    marker.unlink(missing_ok=True)  # git add itself asks the file-system monitor
    for arguments in ((), ("--staged",), ("--markdown",)):
        assert ("run.sh", 5, RULE) in project.scan(*arguments)
    project.commit()
    project.write("run.sh", "ls", touch, BAD, f"{BAD} --quiet")
    for name in ("kept", "a=b"):
        for what in ("clean", "smudge", "process"):
            project.git("config", f"filter.{name}.{what}", touch)
        project.git("config", f"filter.{name}.required", "true")
    project.write(".gitattributes", "*.sh filter=a=b", "run.sh filter=kept")
    marker.unlink(missing_ok=True)
    assert ("run.sh", 4, RULE) in project.scan("--diff", "HEAD")
    assert not marker.exists()
    project.git("diff", "HEAD", fails=True)
    assert marker.exists()  # so git itself runs them


# ------------------------------------------------------------------------------------------ only changes


def test_diff_reports_changed_lines_only(project):
    project.write("old.sh", "ls", BAD, "ls", BAD)
    project.commit()
    assert project.scan("--diff", "HEAD", status=0) == []
    project.write("old.sh", "ls", BAD, "ls", BAD, "ls", BAD)
    project.write("ops/new.sh", "ls", BAD)
    assert project.scan("--diff", "HEAD", status=1) == [("old.sh", 6, RULE), ("ops/new.sh", 2, RULE)]
    assert project.scan("--diff", "HEAD", "ops") == [("ops/new.sh", 2, RULE)]
    assert project.scan("--diff", "HEAD", cwd=project.root / "ops") == [("new.sh", 2, RULE)]
    assert len(project.scan(status=1)) == 4


def test_diff_counts_from_where_the_branch_began(project):
    project.write("a.sh", "ls")
    project.commit()
    project.git("checkout", "-q", "-b", "mine")
    project.write("mine.sh", BAD)
    project.commit()
    project.git("checkout", "-q", "main")
    project.write("a.sh", BAD, "ls")
    project.commit("somebody else's")
    project.git("checkout", "-q", "mine")
    assert project.scan("--diff", "main", status=1) == [("mine.sh", 1, RULE)]


def test_diff_with_lines_and_names_that_look_like_a_patch(project):
    odd = 'a "b"\tä.sh'
    project.write(odd, "-- a/x.sh", "ls")
    project.write("two words.sh", "ls")
    project.commit()
    project.git("config", "diff.noprefix", "true")
    project.git("config", "diff.interHunkContext", "9")
    project.git("config", "diff.mnemonicPrefix", "true")
    project.write(odd, "++ b/two words.sh", "ls", f"{BAD}")
    project.write("two words.sh", "ls", "ls", "ls", BAD)
    assert [line for _, line, _ in project.scan("--diff", "HEAD")] == [3, 4]


def test_diff_of_a_change_of_a_last_line_without_its_end(project):
    (project.root / "a.sh").write_text("ls\nls")
    project.write("b.sh", "ls")
    project.commit()
    (project.root / "a.sh").write_text(f"ls\n{BAD}")
    project.write("b.sh", BAD)
    assert project.scan("--diff", "HEAD") == [("a.sh", 2, RULE), ("b.sh", 1, RULE)]


def test_an_unknown_revision_and_no_repository_are_status_2(project, tmp_path):
    project.write("a.sh", BAD)
    project.commit()
    for revision in ("nowhere", "--output=x", "HEAD:a.sh"):
        done = project.run("scan", "--diff", revision)
        assert done.returncode == 2 and "is no revision here" in done.stderr
    (tmp_path / "bare").mkdir()
    for arguments in (("--staged",), ("--diff", "HEAD")):
        done = project.run("scan", *arguments, cwd=tmp_path / "bare")
        assert done.returncode == 2 and "need a git work tree" in done.stderr


def test_staged_reads_the_index_and_not_the_work_tree(project):
    project.write("a.sh", "ls")
    project.write("old.sh", BAD)
    project.commit()
    project.write("a.sh", BAD)
    assert project.scan("--staged", status=0) == []
    project.git("add", "a.sh")
    project.write("a.sh", "ls")
    assert project.scan("--staged", status=1) == [("a.sh", 1, RULE)]
    (project.root / "a.sh").unlink()
    assert project.scan("--staged", status=1) == [("a.sh", 1, RULE)]
    project.git("rm", "-q", "--cached", "a.sh")
    assert project.scan("--staged", status=0) == []


def test_staged_before_the_first_commit_and_below_paths(project):
    project.write("ops/a.sh", BAD)
    project.write("b.sh", BAD)
    project.git("add", "-A")
    assert project.scan("--staged") == [("b.sh", 1, RULE), ("ops/a.sh", 1, RULE)]
    assert project.scan("--staged", "ops") == [("ops/a.sh", 1, RULE)]
    assert project.scan("--staged", cwd=project.root / "ops") == [("a.sh", 1, RULE)]


def test_staged_and_diff_together(project):
    project.write("a.sh", BAD, "ls")
    project.commit()
    project.write("a.sh", BAD, "ls", BAD)
    project.git("add", "-A")
    project.write("a.sh", BAD, "ls", "ls", "ls", BAD)
    assert project.scan("--staged", "--diff", "HEAD") == [("a.sh", 3, RULE)]


def test_links_and_submodules_in_the_index_are_passed_over(project):
    (project.root / "link.sh").symlink_to("/etc/passwd")
    project.git("add", "-A")
    project.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub.sh")
    assert project.scan("--staged", status=0) == []


# ------------------------------------------------------------------------------------------ problems


def test_a_broken_configuration_is_status_2(project):
    project.write("a.sh", BAD)
    project.write(".agentguard.toml", "[scan]", "exclude = 3")
    done = project.run("scan")
    assert done.returncode == 2 and ".agentguard.toml:2: exclude must be a list" in done.stderr


def test_an_unreadable_file_is_status_2(project):
    (project.root / "a.sh").symlink_to("a.sh")  # a loop, which not even root can read
    assert project.run("scan", "a.sh").returncode == 2


def test_a_fifo_does_not_hold_it_up(project):
    os.mkfifo(project.root / "pipe.sh")
    assert stat.S_ISFIFO(os.stat(project.root / "pipe.sh").st_mode)
    assert project.run("scan", "pipe.sh").returncode == 2
    assert project.run("scan").returncode == 0
