"""Each harness starts agentguard's shell as it starts any: what runs, what does not, and what a person lets run.

git is a stand-in that only leaves a mark.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import other_home
import pytest
import shells
from harness import framing
from harness.drivers import CALLS, PERSISTENT, TERMINALS, Outcome, Stage, claude_env, codex_env, run

HARMLESS = "echo hello from $((40 + 2))"
SAID = "hello from 42\n"
STOPPED = "git push --force origin main"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One home and one directory of shells: only what is kept there is shared, since each place is a new project."""
    home = tmp_path_factory.mktemp("home")
    other_home.own_config(home).write_text("[confirm]\nwait = 1\n")
    return home, shells.directory(tmp_path_factory.mktemp("guard") / "bin", home)


@pytest.fixture
def stage(tmp_path: Path, shared: tuple[Path, Path]) -> Stage:
    (tmp_path / "tools").mkdir()
    tool = tmp_path / "tools" / "git"
    tool.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/ran"\n')
    tool.chmod(0o755)
    (tmp_path / "work").mkdir()
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / ".bash_profile").write_text(f'PATH="{tmp_path}/tools:$PATH"\n')  # as /etc/profile sets it anew
    return Stage(tmp_path, *shared)


def ran(stage: Stage) -> list[str]:
    mark = stage.place / "ran"
    return mark.read_text().splitlines() if mark.exists() else []


def refused(stage: Stage, done: Outcome) -> str:
    """Nothing ran, and the reason is told where errors go; the id of the request."""
    assert done.status in (126, None)
    told = done.output if done.errors is None else done.errors
    assert "agentguard: not run: " in told and "origin/main" in told
    if done.errors is not None:
        assert done.output == ""
    assert not ran(stage)
    return told.partition("agentguard approve ")[2].split()[0]


def approve(stage: Stage, request: str) -> None:
    """What a person's ``agentguard approve`` comes to once it is known that a person typed it."""
    code = (
        f"import sys; sys.path.insert(0, {other_home.ROOT!r})\n"
        f"import agentguard.policy as policy\npolicy.user_home = lambda: {str(stage.home)!r}\n"
        f"from agentguard.confirm import requests\nrequests.approve({request!r})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.parametrize("harness", CALLS)
def test_what_is_harmless_runs(stage: Stage, harness: str) -> None:
    done = CALLS[harness](stage, HARMLESS)
    assert (done.status, done.output, done.errors or "") == (0, SAID, "")


@pytest.mark.parametrize("harness", CALLS)
def test_the_status_and_both_streams_come_back(stage: Stage, harness: str) -> None:
    done = CALLS[harness](stage, "echo out; echo err >&2; exit 7")
    assert done.status == 7
    seen = done.output + (done.errors or "")
    assert "out\n" in seen and "err\n" in seen


@pytest.mark.parametrize("harness", CALLS)
def test_a_request_waits_and_runs_once_when_it_is_approved(stage: Stage, harness: str) -> None:
    """Nobody answers in time; then a person approves, and the same command runs once and no more."""
    started = time.monotonic()
    request = refused(stage, CALLS[harness](stage, STOPPED))
    assert 1 <= time.monotonic() - started < 30
    approve(stage, request)
    assert CALLS[harness](stage, STOPPED).status == 0
    assert ran(stage) == ["push --force origin main"]
    assert CALLS[harness](stage, STOPPED).status == 126
    assert ran(stage) == ["push --force origin main"]


def test_an_approval_while_the_shell_waits(stage: Stage, tmp_path: Path) -> None:
    home = tmp_path / "patient"
    other_home.own_config(home).write_text("[confirm]\nwait = 30\n")
    patient = Stage(stage.place, home, shells.directory(tmp_path / "patient-shells", home))
    with subprocess.Popen(
        [patient.shell(), "-c", STOPPED],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=patient.work,
        env=patient.env(CLAUDECODE="1"),
        start_new_session=True,
    ) as shell:
        approve(patient, waiting(patient))
        assert shell.wait(25) == 0
    assert ran(patient) == ["push --force origin main"]


def waiting(stage: Stage) -> str:
    """The id of the request that is filed within some seconds."""
    for _ in range(200):
        listed = other_home.run(stage.home, "pending", "--json", cwd=stage.work).stdout
        found = listed.partition('"id": "')[2].partition('"')[0]
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("no request was filed")


def test_an_interrupt_while_the_shell_waits(stage: Stage, tmp_path: Path) -> None:
    home = tmp_path / "patient"
    other_home.own_config(home).write_text("[confirm]\nwait = 30\n")
    patient = Stage(stage.place, home, shells.directory(tmp_path / "patient-shells", home))
    with subprocess.Popen(
        [patient.shell(), "-c", STOPPED],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=patient.work,
        env=patient.env(CLAUDECODE="1"),
        start_new_session=True,
    ) as shell:
        waiting(patient)
        shell.send_signal(2)
        out, err = shell.communicate(timeout=20)
    assert (shell.returncode, out, err) == (-2, b"", b"")
    assert not ran(patient)


# ------------------------------------------------------------------------------------------ with a person


@pytest.mark.parametrize("harness", TERMINALS)
def test_a_person_at_the_terminal_is_asked(stage: Stage, harness: str) -> None:
    drive = TERMINALS[harness]
    assert SAID in drive(stage, HARMLESS, "").output
    no = drive(stage, STOPPED, "n")
    assert no.status == 126 and not ran(stage)
    assert "not run" in (no.errors or no.output)
    assert drive(stage, STOPPED, "y").status == 126 and not ran(stage)  # where much is lost, its name must be typed
    assert drive(stage, STOPPED, "origin/main").status == 0
    assert ran(stage) == ["push --force origin main"]


# ------------------------------------------------------------------------------------------ one shell for many


@pytest.mark.parametrize("harness", PERSISTENT)
def test_a_shell_that_stays(stage: Stage, harness: str) -> None:
    shell = PERSISTENT[harness](stage)
    assert shell.run(HARMLESS).output == SAID
    shell.run("cd / && x=kept")
    assert shell.run('echo "$PWD $x"').output == "/ kept\n"
    shell.run(f"cd {stage.work}")
    request = refused(stage, shell.run(STOPPED))
    assert shell.run("echo still here").output == "still here\n"
    approve(stage, request)
    shell.run(STOPPED)
    assert ran(stage) == ["push --force origin main"]
    shell.run(STOPPED)
    assert ran(stage) == ["push --force origin main"]
    assert shell.end() == 0


def test_swe_rex_checks_the_syntax_first(stage: Stage) -> None:
    good, bad = (
        run(stage, ["/bin/sh", "-c", f"{stage.shell()} -n << 'SOUNIQUEEOF'\n{text}\nSOUNIQUEEOF"], stage.env())
        for text in (STOPPED, "if true; then")
    )
    assert (good.status, good.output, good.errors) == (0, "", "")
    assert bad.status == 2 and "syntax error" in (bad.errors or "")
    assert not ran(stage)


# ------------------------------------------------------------------------------------------ when a harness starts


def test_versions_are_told(stage: Stage) -> None:
    for name in ("bash", "sh"):
        given = [stage.shell(name), "--version"]
        plain = run(stage, [name, "--version"], stage.env(), executable=f"/bin/{name}")
        assert run(stage, given, stage.env()).status == plain.status
        assert run(stage, given, stage.env()).output == plain.output


def test_claude_looks_at_its_environment(stage: Stage) -> None:
    done = run(stage, [stage.shell(), "-c", "env"], claude_env(stage))
    assert done.status == 0 and "CLAUDECODE=1\n" in done.output and done.errors == ""


def test_claude_takes_its_snapshot(stage: Stage) -> None:
    (stage.user / ".bashrc").write_text("alias ll='ls -l'\ngreet() { echo hello; }\n")
    (stage.user / ".claude" / "shell-snapshots").mkdir(parents=True)
    script = framing.CLAUDE_SNAPSHOT_SCRIPT.replace("/home/dev", str(stage.user))
    done = run(stage, [stage.shell(), "-c", "-l", script], claude_env(stage))
    assert (done.status, done.errors) == (0, "")
    snapshot = stage.user / framing.SNAPSHOT.removeprefix("/home/dev/")
    assert "alias -- ll='ls -l'" in snapshot.read_text()
    assert CALLS["Claude Code"](stage, "greet").output == "hello\n"


def test_codex_takes_its_snapshot(stage: Stage) -> None:
    (stage.user / ".bashrc").write_text("greet() { echo hello; }\n")
    done = run(stage, [stage.shell(), "-lc", framing.CODEX_SNAPSHOT_SCRIPT], codex_env(stage))
    assert (done.status, done.errors) == (0, "")
    assert done.output.startswith("# Snapshot file\n") and "greet ()" in done.output
    snapshot = stage.user / "snapshot.sh"
    snapshot.write_text(done.output)
    checked = run(stage, [stage.shell(), "-c", f'set -e; . "{snapshot}"'], codex_env(stage))
    assert (checked.status, checked.errors) == (0, "")


def test_hermes_takes_its_snapshot(stage: Stage) -> None:
    text = f"export -p > {stage.place}/snap.sh\ndeclare -f >> {stage.place}/snap.sh\nalias -p >> {stage.place}/snap.sh"
    done = run(stage, [stage.shell(), "-l", "-c", text], stage.first(HERMES_AGENT="true"))
    assert (done.status, done.errors) == (0, "")


@pytest.mark.parametrize("words", [["-l", "-i", "-c", "echo $PATH"], ["-ilc", "echo $PATH"], ["-lc", "echo $PATH"]])
def test_goose_asks_for_the_path(stage: Stage, words: list[str]) -> None:
    (stage.user / ".bashrc").write_text("")
    done = run(stage, [stage.shell(), *words], stage.env())
    plain = run(stage, ["bash", *words], stage.env(), executable="/bin/bash")
    assert (done.status, done.output) == (0, plain.output)


def test_the_shell_finds_its_way_without_any_variable(stage: Stage) -> None:
    """``env -i bash``, as LangChain starts a shell: what matters does not come from the environment."""
    words = ["env", "-i", stage.shell(), "--norc", "--noprofile", "-c"]
    assert run(stage, [*words, HARMLESS], stage.env()).output == SAID
    done = run(stage, [*words, f"PATH={stage.place}/tools:/bin; {STOPPED}"], stage.env())
    refused(stage, done)


def test_a_shell_without_a_command_is_not_for_an_agent(stage: Stage) -> None:
    done = run(stage, [stage.shell(), "-i"], stage.env(CLAUDECODE="1"))
    assert done.status == 126 and "interactive shell" in (done.errors or "")


def test_refused_with_every_stream_closed(stage: Stage) -> None:
    for closing in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        words = ["/bin/sh", "-c", f'"$1" -c "$2" {closing}', "x", stage.shell(), STOPPED]
        assert run(stage, words, stage.env()).status == 126
        assert not ran(stage)
