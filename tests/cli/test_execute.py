"""``exec`` as a process. What would be dangerous is only ever a stand-in that writes a mark."""

import os
import subprocess
import sys

import other_home
import pytest


@pytest.fixture
def place(tmp_path):
    """A directory with stand-ins for git and psql on the PATH, which only leave a mark."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("git", "psql"):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/ran-{name}"\n')
        tool.chmod(0o755)
    return tmp_path


def guard(place, *arguments: str, **more) -> subprocess.CompletedProcess[bytes]:
    env = other_home.environment(PATH=f"{place}/tools:{os.environ['PATH']}", **more.pop("env", {}))
    home = other_home.impatient(place.parent / f"{place.name}-home")
    return subprocess.run(
        [*other_home.start(home), *arguments],
        cwd=place,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        **more,
    )


def test_an_everyday_command_runs_untouched(place):
    done = guard(place, "exec", "--", "printf", "%s|", "a b", "$HOME", "*")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"a b|$HOME|*|", b"")


def test_text_runs_with_its_own_status(place):
    done = guard(place, "exec", "-c", "echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", b"err\n")


def test_a_stopped_command_does_not_run(place):
    done = guard(place, "exec", "--", "git", "push", "--force", "origin", "main")
    assert (done.returncode, done.stdout) == (126, b"")
    assert done.stderr.startswith(b"agentguard: not run: ")
    assert not (place / "ran-git").exists()


def test_nothing_of_a_command_with_one_bad_part_runs(place):
    done = guard(place, "exec", "-c", "touch before; psql -h db.example.com -c 'DROP TABLE users'; touch after")
    assert done.returncode == 126
    assert sorted(path.name for path in place.iterdir()) == ["tools"]


def test_the_stand_in_runs_where_the_command_is_harmless(place):
    assert guard(place, "exec", "--", "git", "status", "--short").returncode == 0
    assert (place / "ran-git").read_text() == "status --short\n"


def test_words_are_judged_as_words(place):
    done = guard(place, "exec", "--", "echo", "git push --force origin main; psql")
    assert (done.returncode, done.stdout) == (0, b"git push --force origin main; psql\n")


def test_text_that_is_not_understood_is_refused(place):
    done = guard(place, "exec", "-c", "echo 'open")
    assert (done.returncode, done.stdout) == (126, b"")
    assert b"agentguard: not run: " in done.stderr


def test_a_failure_of_our_own_is_125_and_runs_nothing(place):
    (place / ".agentguard.toml").write_text("mode = 3")
    done = guard(place, "exec", "--", "git", "status")
    assert (done.returncode, done.stdout) == (125, b"")
    assert b".agentguard.toml:1: mode must be one of" in done.stderr
    assert b"Traceback" not in done.stderr
    assert not (place / "ran-git").exists()


@pytest.mark.parametrize("arguments", [(), ("-c",), ("-c", "ls", "--", "ls"), ("--",)])
def test_wrong_use_is_125(place, arguments):
    done = guard(place, "exec", *arguments)
    assert (done.returncode, done.stdout) == (125, b"")


def test_a_project_may_make_the_guard_strict(place):
    (place / ".agentguard.toml").write_text('mode = "strict"')
    assert guard(place, "check", "--", "git push --force origin main").returncode == 2


@pytest.mark.parametrize(
    ("text", "status"), [("git status", 0), ("git push --force origin main", 1), ("rm -rf /", 2), ("echo 'open", 1)]
)
def test_check_answers_silently(place, text, status):
    done = guard(place, "check", "--", text)
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"")


def test_check_fails_with_125(place):
    (place / ".agentguard.toml").write_text("[")
    assert guard(place, "check", "--", "ls").returncode == 125


def test_no_variable_lowers_the_protection(place):
    own = place / "agentguard"
    own.mkdir()
    (own / "config.toml").write_text('mode = "observe"\n[[allow]]\nrule = "*"\nreason = "mine"')
    variables = {"XDG_CONFIG_HOME": str(place), "HOME": str(place), "AGENTGUARD_MODE": "observe"}
    assert guard(place, "check", "--", "git push --force origin main", env=variables).returncode == 1


def test_the_guard_in_a_removed_directory_still_answers(place):
    gone = place / "gone"
    gone.mkdir()
    script = f'cd gone && rmdir "{gone}" && exec "{sys.executable}" -m agentguard check -- ls'
    done = subprocess.run(
        ["/bin/bash", "-c", script], cwd=place, env={**os.environ, "PYTHONPATH": os.getcwd()}, capture_output=True
    )
    assert done.returncode == 0, done.stderr
