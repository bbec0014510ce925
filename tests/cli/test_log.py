"""``agentguard log`` as a process, on logs that were written for the test."""

import json
import subprocess
import time
from datetime import UTC, datetime

import pytest
from audit.writing import unit
from made import made_answer, made_finding
from other_home import environment, run, start

from agentguard import audit, policy
from agentguard.audit_reading import since

#: 2026-01-31T12:00:00Z
NOON = 1_769_860_800.0


@pytest.fixture
def home(tmp_path, monkeypatch):
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.setattr(policy, "user_home", lambda: str(path))
    return path


def write(answer, outcome="ran", *, cwd="/work", harness="", now=NOON, status=None):
    assert audit.record(answer, outcome=outcome, status=status, harness=harness, cwd=cwd, now=now) == ""


@pytest.fixture
def filled(home):
    write(made_answer(text="ls -la"), now=NOON - 7200)
    write(made_answer(text="git status"), cwd="/work/app", harness="codex", now=NOON - 3600)
    write(made_answer(made_finding()), "refused", cwd="/work/app/src", harness="codex", status=126)
    write(made_answer(made_finding("sql.drop-table", words=("psql",)), text="psql -c x"), "approved", cwd="/workshop")
    return home


def log(home, *arguments):
    return run(home, "log", *arguments, cwd=home)


def shown(home, *arguments):
    done = log(home, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line)["command"] for line in done.stdout.splitlines()]


def test_lines_come_in_order_with_what_matters(filled):
    done = log(filled)
    assert (done.returncode, done.stderr) == (0, "")
    first, *_, third, fourth = done.stdout.splitlines()
    assert first == "2026-01-31T10:00:00.000Z  allow ran      /work $ ls -la"
    assert third == "2026-01-31T12:00:00.000Z  ask   refused  [git.push-force] /work/app/src $ git push --force"
    assert "approved [sql.drop-table]" in fourth


@pytest.mark.parametrize(
    ("arguments", "commands"),
    [
        ((), ["ls -la", "git status", "git push --force", "psql -c x"]),
        (("-n", "2"), ["git push --force", "psql -c x"]),
        (("--verdict", "allow"), ["ls -la", "git status"]),
        (("--verdict", "allow", "-n", "1"), ["git status"]),
        (("--rule", "git.*"), ["git push --force"]),
        (("--harness", "codex"), ["git status", "git push --force"]),
        (("--cwd", "/work"), ["ls -la", "git status", "git push --force"]),
        (("--cwd", "/work/app/"), ["git status", "git push --force"]),
        (("--grep", "GIT"), ["git status", "git push --force"]),
        (("--grep", "git", "--verdict", "ask"), ["git push --force"]),
        (("--since", "2026-01-31T11:00"), ["git status", "git push --force", "psql -c x"]),
        (("--since", "2026-02-01"), []),
        (("--since", "1h"), []),
    ],
)
def test_filters(filled, arguments, commands):
    assert shown(filled, *arguments) == commands


def test_json_gives_the_lines_as_they_are(filled):
    path = filled / ".local/state/agentguard/audit.jsonl"
    assert log(filled, "--json").stdout == path.read_text()


def test_lines_of_older_files_come_first(home, monkeypatch):
    monkeypatch.setattr(audit, "MIB", unit(2_000))
    for number in range(20):
        write(made_answer(text=f"echo {number}"))
    assert shown(home) == [f"echo {number}" for number in range(20)]
    assert shown(home, "-n", "12") == [f"echo {number}" for number in range(8, 20)]


@pytest.mark.parametrize("arguments", [("--since", "soon"), ("-n", "0"), ("--verdict", "maybe"), ("bogus",)])
def test_wrong_use_is_125(home, arguments):
    done = log(home, *arguments)
    assert (done.returncode, done.stdout) == (125, "") and "Traceback" not in done.stderr


def test_an_empty_log(home):
    assert (log(home).returncode, log(home).stdout) == (0, "")
    assert "0 commands, 0.0 prompts per 100" in log(home, "--stats").stdout


def test_statistics(filled):
    text = log(filled, "--stats").stdout
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "verdict ask 2 50.0 %" in rows and "answered ran 2 50.0 %" in rows and "rule git.push-force 1 25.0 %" in rows
    assert rows[-1] == "4 commands, 50.0 prompts per 100 commands"
    assert "verdict ask" in " ".join(log(filled, "--stats", "--grep", "psql").stdout.split())


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--stats",), ("verify",)])
def test_nothing_in_the_log_acts_on_the_screen(home, arguments):
    nasty = "\x1b]0;t\x07 \x1b[2J \x9b31m \u202e \u200b \x7f \r [bold]x[/bold]"
    answer = made_answer(made_finding(rule=nasty, target=nasty), text=f"echo {nasty}")
    write(answer, cwd=f"/{nasty}", harness=nasty)
    path = home / ".local/state/agentguard/audit.jsonl"
    raw = path.read_text()
    with path.open("a") as file:  # and a line that agentguard did not write: JSON with the characters themselves
        file.write(json.dumps({**json.loads(raw), "command": f"echo {nasty}"}, ensure_ascii=False) + "\n")
        file.write("\x1b[2J no line\n")
    done = log(home, *arguments)
    assert not set(done.stdout + done.stderr) & set("\x1b\x07\x9b\u202e\u200b\x7f\r")
    assert arguments or ("\\x1b[2J" in done.stdout and "[bold]x[/bold]" in done.stdout)


def test_follow_shows_lines_as_they_are_written(home, monkeypatch):
    monkeypatch.setattr(audit, "MIB", unit(1_000))
    write(made_answer(text="echo before"))
    process = subprocess.Popen(
        [*start(home), "log", "--follow", "--json", "--grep", "echo"],
        cwd=home, env=environment(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["command"] == "echo before"
        time.sleep(0.5)
        write(made_answer(text="ls"))
        for number in range(12):  # over several rotations
            write(made_answer(text=f"echo {number}"))
        assert [json.loads(process.stdout.readline())["command"] for _ in range(12)] == [f"echo {n}" for n in range(12)]
    finally:
        process.kill()
        process.communicate()


def test_a_reader_that_leaves_early_is_no_failure(home):
    for number in range(3000):
        write(made_answer(text=f"echo {number} {'x' * 100}"))
    process = subprocess.Popen(
        [*start(home), "log", "-n", "3000"], cwd=home, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", 0)


def test_verify_says_how_many_lines_hold(filled):
    done = log(filled, "verify")
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 lines verified: all as they were written\n", "")


def test_verify_names_the_first_line_that_does_not_hold(filled):
    path = filled / ".local/state/agentguard/audit.jsonl"
    path.write_text(path.read_text().replace("git status", "git statue"))
    done = log(filled, "verify")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"agentguard: log: {path}:2: altered: the line does not have its own hash\n"


def test_verify_names_a_torn_line(filled):
    path = filled / ".local/state/agentguard/audit.jsonl"
    with path.open("a") as file:
        file.write('{"seq":5,"pr')
    write(made_answer(text="ls"))
    done = log(filled, "verify")
    assert done.returncode == 0
    assert f"{path}:5: a fragment" in done.stdout and "5 lines verified" in done.stdout


def test_the_help_says_what_verify_cannot_find(home):
    text = " ".join(log(home, "verify", "--help").stdout.split())
    assert "can write the whole log anew" in text and "copy elsewhere" in text


def test_a_log_that_cannot_be_read_is_125(home):
    (home / ".local/state/agentguard/audit.jsonl").mkdir(parents=True)
    for arguments in ((), ("verify",), ("--stats",)):
        done = log(home, *arguments)
        assert done.returncode == 125 and "cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("90s", "2026-01-31T11:58:30.000Z"),
        ("30m", "2026-01-31T11:30:00.000Z"),
        ("2h", "2026-01-31T10:00:00.000Z"),
        ("7d", "2026-01-24T12:00:00.000Z"),
        ("1w", "2026-01-24T12:00:00.000Z"),
        ("2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("2026-01-31T10:30+02:00", "2026-01-31T08:30:00.000Z"),
        ("999999999w", ""),
    ],
)
def test_since(text, time):
    assert since(text, datetime(2026, 1, 31, 12, tzinfo=UTC)) == time
