"""Ignore comments, the baseline and ``[scan]`` in configuration files, through the program."""

import json

import pytest
from other_home import own_config
from scan.projects import BAD, RULE, Project

UNCLEAR, UNUSED, STALE = "scan.ignore-unclear", "scan.ignore-unused", "scan.baseline-unused"
OK = f"# agentguard: ignore[{RULE}] -- my own fork"


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


# ------------------------------------------------------------------------------------------ comments


@pytest.mark.parametrize(
    "lines",
    [
        (f"{BAD} {OK}",),
        (OK, BAD),
        (f"  {OK}", f"  {BAD}"),
        (f"{BAD} # agentguard: ignore[git.*] -- a glob",),
        (f"{BAD} # agentguard: ignore[ {RULE} ] -- spaces",),
        (f"{BAD} #agentguard:ignore[{RULE}]--tight",),
        ("# agentguard: ignore[git.*] -- one", "# agentguard: ignore[git.push*] -- and another", BAD),
        (OK, "echo a && \\", f"  {BAD}"),
        ("echo a && \\", f"  {BAD} {OK}"),
        ("git push --force \\", f"  origin main {OK}"),
    ],
)
def test_a_comment_silences_its_line_or_the_next(project, lines):
    project.write("a.sh", *lines)
    assert project.scan(status=0) == []
    assert [rule for _, _, rule in project.scan("--no-ignore", status=1)] == [RULE]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((f"{BAD} {OK}", BAD), [(2, RULE)]),
        ((OK, "ls", BAD), [(1, UNUSED), (3, RULE)]),
        ((BAD, OK), [(1, RULE), (2, UNUSED)]),
        ((f"{BAD} # agentguard: ignore[{RULE}]",), [(1, RULE), (1, UNCLEAR)]),
        ((f"{BAD} # agentguard: ignore[{RULE}] --",), [(1, RULE), (1, UNCLEAR)]),
        ((f"{BAD} # agentguard: ignore[{RULE}] my own fork",), [(1, RULE), (1, UNCLEAR)]),
        ((f"{BAD} # agentguard: ignore -- all of it",), [(1, RULE), (1, UNCLEAR)]),
        ((f"{BAD} # agentguard: ignore[] -- nothing",), [(1, RULE), (1, UNCLEAR)]),
        ((f"{BAD} # agentguard: ignore[git.push] -- no glob",), [(1, RULE), (1, UNUSED)]),
        ((f"{BAD} # agentguard: ignore[{RULE}, fs.wipe] -- one too many",), [(1, UNUSED)]),
        ((f"{BAD} # see agentguard: ignore[{RULE}] -- is how",), [(1, RULE)]),
        ((f"{BAD} // agentguard: ignore[{RULE}] -- not a comment of a shell",), [(1, RULE)]),
    ],
)
def test_what_a_comment_does_not_silence_is_reported(project, lines, found):
    project.write("a.sh", *lines)
    assert sorted((line, rule) for _, line, rule in project.scan()) == found


def test_a_comment_is_written_as_the_file_writes_comments(project):
    project.write("Makefile", "up:", f"\t{BAD} {OK}", "down:", f"\t{BAD}")
    project.write("Dockerfile", "FROM debian", OK, f"RUN {BAD}")
    steps = ("on: push", "jobs:", "  a:", "    steps:", f"      {OK}", f"      - run: {BAD}")
    project.write(".github/workflows/ci.yml", *steps)
    assert project.scan() == [("Makefile", 4, RULE)]


def test_sql_comments(project):
    plain = "DELETE FROM users;"
    project.write("a.sql", plain)
    found = project.scan()
    assert found
    rules = ", ".join(sorted({rule for _, _, rule in found}))
    project.write("a.sql", f"-- agentguard: ignore[{rules}] -- a table of tests", plain)
    assert project.scan() == []
    project.write("a.sql", f"# agentguard: ignore[{rules}] -- not how SQL writes it", plain)
    assert len(project.scan()) == len(found)


def test_markdown_comments_are_about_the_block_below(project):
    note = f"<!-- agentguard: ignore[{RULE}] -- an example -->"
    project.write("a.md", note, "```sh", "ls", BAD, "```", "text", "```sh", BAD, "```")
    assert project.scan("--markdown") == [("a.md", 8, RULE)]
    project.write("a.md", "```sh", OK, BAD, "```")
    assert project.scan("--markdown") == []


def test_json_has_no_comments(project):
    text = json.dumps({"scripts": {"up": f"{BAD} {OK}"}, "//": OK}, indent=2)
    project.write("package.json", text)
    assert [rule for _, _, rule in project.scan()] == [RULE]


def test_the_reason_of_a_silent_scan_is_counted(project):
    project.write("a.sh", f"{BAD} {OK}", f"{BAD} {OK}")
    done = project.run("scan")
    assert done.returncode == 0 and "no findings in 1 file; 2 silenced" in done.stdout


def test_a_comment_that_is_not_used_counts_among_changes_only_where_it_changed(project):
    project.write("a.sh", "ls", OK, "ls")
    project.commit()
    project.write("a.sh", "ls", OK, "ls", BAD)
    assert project.scan("--diff", "HEAD") == [("a.sh", 4, RULE)]


# ------------------------------------------------------------------------------------------ baseline


def test_a_baseline_silences_what_was_there_also_where_lines_move(project):
    project.write("a.sh", "ls", BAD, BAD)
    done = project.run("scan", "--write-baseline")
    assert (done.returncode, done.stdout) == (0, "") and "2 findings are known now" in done.stderr
    assert project.scan(status=0) == []
    project.write("a.sh", "ls", "ls", "if true; then", f"    {BAD}", "fi", BAD)
    assert project.scan(status=0) == []
    project.write("a.sh", BAD, BAD, BAD)
    assert project.scan(status=1) == [("a.sh", 3, RULE)]
    project.write("b.sh", BAD)
    assert ("b.sh", 1, RULE) in project.scan(status=1)
    assert len(project.scan("--no-ignore", status=1)) == 4


def test_a_baseline_holds_from_any_directory_of_the_project(project):
    project.write("ops/a.sh", BAD)
    project.run("scan", "--write-baseline", cwd=project.root / "ops")
    assert (project.root / ".agentguard-baseline.json").exists()
    assert project.scan(status=0) == []
    assert project.scan(cwd=project.root / "ops", status=0) == []
    assert project.scan(str(project.root / "ops" / "a.sh"), status=0) == []


def test_entries_that_no_longer_occur_are_reported_at_their_line(project):
    project.write("a.sh", BAD)
    project.write("b.sh", BAD)
    project.run("scan", "--write-baseline")
    project.write("a.sh", "ls")
    baseline = project.root / ".agentguard-baseline.json"
    (line,) = [n for n, text in enumerate(baseline.read_text().splitlines(), 1) if '"a.sh"' in text]
    assert project.scan(status=0) == [(baseline.name, line, STALE)]
    assert project.scan("b.sh", status=0) == []
    (project.root / "a.sh").unlink()
    assert project.scan("b.sh", status=0) == [(baseline.name, line, STALE)]
    project.git("add", "-A")
    assert project.scan("--staged", status=0) == []
    project.run("scan", "--write-baseline")
    assert project.scan(status=0) == []
    assert "a.sh" not in baseline.read_text()


def test_writing_a_baseline_for_some_paths_keeps_the_others(project):
    project.write("a.sh", BAD)
    project.write("b.sh", BAD)
    project.run("scan", "--write-baseline", "a.sh")
    project.run("scan", "--write-baseline", "b.sh")
    assert project.scan(status=0) == []


def test_a_baseline_elsewhere_and_one_that_is_none(project):
    project.write("a.sh", BAD)
    project.run("scan", "--write-baseline", "--baseline", "known.json")
    assert project.scan("--baseline", "known.json", status=0) == []
    assert project.scan(status=1) == [("a.sh", 1, RULE)]
    entry = json.dumps({"version": 1, "findings": [{"rule": 3}]})
    for text in ("", "[]", '{"version": 2, "findings": []}', entry, "[" * 100_000):
        (project.root / "known.json").write_text(text)
        done = project.run("scan", "--baseline", "known.json")
        assert done.returncode == 2 and "known.json" in done.stderr, text[:40]
        assert "Traceback" not in done.stderr
    assert project.run("scan", "--baseline", "gone.json").returncode == 2
    assert project.run("scan", "--write-baseline", "--diff", "HEAD").returncode == 125


def test_a_baseline_is_stable_and_holds_no_secret(project):
    project.write("a.sh", f"TOKEN=ghp_{'a1B2' * 9} {BAD}", f"{BAD}", "ls")
    project.run("scan", "--write-baseline")
    path = project.root / ".agentguard-baseline.json"
    first = path.read_text()
    assert "ghp_" not in first and json.loads(first)["version"] == 1
    project.run("scan", "--write-baseline")
    assert path.read_text() == first


def test_a_comment_above_one_of_two_equal_lines_leaves_the_other_known(project):
    project.write("a.sh", BAD, BAD)
    project.run("scan", "--write-baseline")
    project.write("a.sh", OK, BAD, BAD)
    assert [rule for _, _, rule in project.scan(status=0)] in ([], [STALE])


# ------------------------------------------------------------------------------------------ configuration


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("vendored/**", {"a.sh", "src/b.sh"}),
        ("vendored/", {"a.sh", "src/b.sh"}),
        ("vendored", {"a.sh", "src/b.sh"}),
        ("*.sh", set()),
        ("/*.sh", {"src/b.sh", "vendored/deep/c.sh"}),
        ("**/c.sh", {"a.sh", "src/b.sh"}),
        ("src/?.sh", {"a.sh", "vendored/deep/c.sh"}),
        ("c.sh", {"a.sh", "src/b.sh"}),
        ("vendored/*.sh", {"a.sh", "src/b.sh", "vendored/deep/c.sh"}),
    ],
)
def test_excluded_files(project, glob, left):
    for name in ("a.sh", "src/b.sh", "vendored/deep/c.sh"):
        project.write(name, BAD)
    project.write(".agentguard.toml", "[scan]", f"exclude = [{glob!r}]")
    assert {name for name, _, _ in project.scan()} == left
    assert {f"src/{name}" for name, _, _ in project.scan(cwd=project.root / "src")} == left & {"src/b.sh"}
    named = project.scan("a.sh", "src/b.sh", "vendored/deep/c.sh")
    assert {name for name, _, _ in named} == left, "a framework names every file"
    assert len(project.scan("--no-ignore")) == 3


def test_ignored_findings(project):
    project.write("a.sh", BAD)
    project.write("demo/b.sh", BAD)
    ignore = ("[[scan.ignore]]", 'rule = "git.*"', 'paths = ["demo/**"]', 'reason = "for show"')
    project.write(".agentguard.toml", *ignore)
    assert project.scan(status=1) == [("a.sh", 1, RULE)]
    project.write(".agentguard.toml", "[[scan.ignore]]", f'rule = "{RULE}"', 'reason = "all forks here"')
    assert project.scan(status=0) == []


def test_an_entry_needs_a_reason(project):
    project.write(".agentguard.toml", "[[scan.ignore]]", 'rule = "git.*"')
    done = project.run("scan")
    assert done.returncode == 2
    assert ".agentguard.toml:1: a [[scan.ignore]] entry needs a rule and a reason" in done.stderr


def test_the_users_own_file_counts_from_the_top_of_the_project(project):
    project.write("src/a.sh", BAD)
    own_config(project.home).write_text('[scan]\nexclude = ["src/**"]\n')
    assert project.scan(status=0) == []
    assert project.scan(cwd=project.root / "src", status=0) == []


def test_none_of_it_touches_what_the_guard_decides(project):
    text = ("[scan]", 'exclude = ["**"]', "[[scan.ignore]]", 'rule = "*"', 'reason = "everything"')
    project.write(".agentguard.toml", *text)
    own_config(project.home).write_text("\n".join(text))
    project.write(".agentguard-baseline.json", '{"version": 1, "findings": []}')
    assert project.run("check", "--", BAD).returncode == 1
    assert project.run("check", "--", f"{BAD} # agentguard: ignore[*] -- please").returncode == 1
    assert project.run("config", "check").returncode == 0
