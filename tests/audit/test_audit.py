"""What is written: through the program where that is possible, through ``record`` for what a test must arrange."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from audit.writing import commands, made, state, unit, writer
from made import made_answer, made_finding
from other_home import ROOT, own_config, run

from agentguard import audit
from agentguard.audit_verify import verify


def write(text="echo a", **more):
    given = {"outcome": "ran", "status": None, "harness": "", "cwd": "/work", **more}
    return audit.record(made_answer(text=text), **given)


def entries(home):
    return [json.loads(line) for line in (state(home) / "audit.jsonl").read_text().splitlines()]


def test_a_line_says_what_was_judged_and_how_it_was_answered(home):
    answer = made_answer(made_finding(target="origin/main", environment="production"), text="git push --force")
    problem = audit.record(
        answer, outcome="approved", request="r7", status=None, harness="codex", cwd="/srv/a b", now=1_769_860_800.0625
    )
    assert problem == ""
    (entry,) = entries(home)
    assert entry == {
        "seq": 1,
        "prev": "0" * 32,
        "time": "2026-01-31T12:00:00.062Z",
        "cwd": "/srv/a b",
        "harness": "codex",
        "command": "git push --force",
        "verdict": "ask",
        "supervise": False,
        "mode": "standard",
        "reason": answer.verdict.reason,
        "findings": [
            {"rule": "git.push-force", "severity": "high", "target": "origin/main", "environment": "production"}
        ],
        "outcome": "approved",
        "request": "r7",
        "status": None,
        "hash": entry["hash"],
    }


def test_each_line_carries_the_hash_of_the_one_before(home):
    assert [write(f"echo {number}") for number in range(3)] == [""] * 3
    first, second, third = entries(home)
    assert (first["seq"], second["seq"], third["seq"]) == (1, 2, 3)
    assert (second["prev"], third["prev"]) == (first["hash"], second["hash"])
    assert verify(str(state(home))).lines == 3


def test_nobody_else_can_read_it(home):
    state(home).mkdir(parents=True, mode=0o755)
    (state(home) / "audit.jsonl").touch(mode=0o644)
    assert write() == ""
    assert state(home).stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in state(home).iterdir()} == {0o600}


@pytest.mark.parametrize(
    "text",
    [
        *('a "b" \\ c', "é ü 日本 🙂", "a\nb\tc\rd", "\udcff\ud800", "\u202e\u200b", "\0"),
        "\x1b[31mred\x1b[0m \x07 \x7f \x9b",
    ],
)
def test_any_text_is_one_line_and_comes_back(home, text):
    assert write(text, cwd=text) == ""
    raw = (state(home) / "audit.jsonl").read_bytes()
    assert raw.count(b"\n") == 1 and raw.isascii() and b"\x1b" not in raw
    assert (entries(home)[0]["command"], entries(home)[0]["cwd"]) == (text, text)


def test_a_long_command_is_cut_with_the_digest_of_the_whole(home):
    for text in ("x" * 4096, "x" * 4097, "é" * 4000):
        write(text)
    kept, cut, wide = entries(home)
    assert kept["command"] == "x" * 4096 and "cut" not in kept
    assert cut["command"] == "x" * 4096 + "…[cut]"
    assert cut["cut"] == {"bytes": 4097, "digest": audit.digest(b"x" * 4097)}
    assert wide["cut"]["bytes"] == 8000 and wide["command"].startswith("é" * 2048 + "…")


def test_secrets_are_in_no_part_of_a_line(home):
    answer = made_answer(
        made_finding(target="postgres://u:Hunter2xQ9@db.example.com/x"),
        text="x" * 4090 + " --token Hunter2xQ9Hunter2xQ9",
    )
    audit.record(answer, outcome="refused", status=126, harness="", cwd="/")
    assert "Hunter2" not in (state(home) / "audit.jsonl").read_text()


def test_what_only_observe_mode_lets_run_is_told(home, started, tmp_path):
    own_config(home).write_text('mode = "observe"')
    run(home, "exec", "-c", "git --git-dir=none push --force origin main", cwd=tmp_path)
    run(home, "exec", "-c", "true", cwd=tmp_path)
    first, second = entries(home)
    assert (first["verdict"], first["outcome"], first["mode"]) == ("allow", "observed", "observe"), first["reason"]
    assert first["status"] is None
    assert (second["verdict"], second["outcome"]) == ("allow", "ran")


# --------------------------------------------------------------------------------- through the program


def test_exec_records_what_ran_and_what_did_not(home, started, tmp_path):
    own_config(home).write_text("[confirm]\nwait = 0")
    assert run(home, "exec", "--", "echo", "hello", cwd=tmp_path).stdout == "hello\n"
    assert run(home, "exec", "-c", "git push --force origin main", cwd=tmp_path).returncode == 126
    (tmp_path / ".agentguard.toml").write_text("mode = 3")
    assert run(home, "exec", "--", "true", cwd=tmp_path).returncode == 125
    ran, refused, failed = entries(home)
    assert (ran["command"], ran["verdict"], ran["outcome"], ran["status"]) == ("echo hello", "allow", "ran", None)
    assert ran["cwd"] == str(tmp_path)
    assert (refused["verdict"], refused["status"]) == ("ask", 126) and refused["outcome"] in ("refused", "timeout")
    assert refused["findings"][0]["rule"].startswith("git.")
    assert (failed["outcome"], failed["status"]) == ("failed", 125) and "mode must be" in failed["reason"]
    assert verify(str(state(home))).problem == ""


def test_a_hundred_processes_at_once_lose_no_line(home):
    running = [writer(home, f"w{number}", count=3) for number in range(100)]
    assert [(process.communicate()[1], process.returncode) for process in running] == [("", 0)] * 100
    assert sorted(commands(home)) == sorted(f"echo w{w} {number}" for w in range(100) for number in range(3))
    assert verify(str(state(home))).lines == 300


def test_writers_at_once_lose_no_line_over_rotations(home):
    running = [writer(home, f"w{number}", count=40, limit=8_000, keep=200) for number in range(20)]
    assert [(process.communicate()[1], process.returncode) for process in running] == [("", 0)] * 20
    assert sorted(commands(home)) == sorted(f"echo w{w} {number}" for w in range(20) for number in range(40))
    assert len(audit.paths(str(state(home)))) > 20
    assert max(path.stat().st_size for path in state(home).iterdir()) <= 8_000
    report = verify(str(state(home)))
    assert (report.lines, report.problem, report.notes) == (800, "", ())


def test_only_the_newest_files_are_kept_and_the_chain_still_holds(home, monkeypatch):
    monkeypatch.setattr(audit, "MIB", unit(2_000))
    for number in range(100):
        write(f"echo {number}")
    names = sorted(path.name for path in state(home).iterdir())
    assert names == ["audit.head", "audit.jsonl", *(f"audit.jsonl.{number}" for number in range(1, 9))]
    assert commands(home)[-1] == "echo 99" and commands(home)[0] != "echo 0"
    assert verify(str(state(home))).problem == ""


def test_the_policy_says_how_many_older_files_stay(home, monkeypatch):
    monkeypatch.setattr(audit, "MIB", 2_000)
    for keep, count in ((12, 12), (3, 3), (1, 1), (2, 2)):
        for number in range(100):
            answer = made(f"echo {keep} {number}", audit_size=1, audit_keep=keep)
            assert audit.record(answer, outcome="ran", status=None, harness="", cwd="/") == ""
        names = sorted(path.name for path in state(home).iterdir())
        assert names == sorted(["audit.head", "audit.jsonl", *(f"audit.jsonl.{age}" for age in range(1, count + 1))])
        assert verify(str(state(home))).problem == "" and commands(home)[-1] == f"echo {keep} 99"


def test_a_configuration_that_cannot_be_read_clears_nothing(home, monkeypatch):
    """Whoever breaks a project file must not get rid of what is on record."""
    monkeypatch.setattr(audit, "MIB", unit(2_000))
    answer = made_answer(text="echo broken", failure="mode must be one of …")
    for _ in range(100):
        assert audit.record(answer, outcome="failed", status=125, harness="", cwd="/") == ""
    assert (len(commands(home)), verify(str(state(home))).lines) == (100, 100)


def test_the_configuration_says_how_large_a_file_may_be(home, started, tmp_path):
    """Through the program: one MiB instead of the default, and one older file instead of eight."""
    for number in range(2):
        own_config(home).write_text(f"[audit]\nsize = 1\nkeep = {number + 1}\n")
        while not (log := state(home) / "audit.jsonl").exists() or log.stat().st_size < audit.MIB - 100:
            write("x" * 4_000)
        run(home, "exec", "--", "echo", "hello", cwd=tmp_path)
        assert log.stat().st_size < 5_000 and commands(home)[-1] == "echo hello"
    assert len(audit.paths(str(state(home)))) == 3
    own_config(home).write_text("[audit]\nsize = 2\nkeep = 1\n")
    while log.stat().st_size < audit.MIB * 2 - 100:
        write("x" * 4_000)
    run(home, "exec", "--", "true", cwd=tmp_path)
    assert len(audit.paths(str(state(home)))) == 2
    done = run(home, "log", "verify", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


# -------------------------------------------------------------------------------------- what goes wrong


def test_where_nothing_can_be_written_the_verdict_stands_and_it_is_said_once(home, started, tmp_path):
    (home / ".local").write_text("a file where a directory should be")
    done = run(home, "exec", "--", "echo", "hello", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert done.stderr.count("not in the audit log") == 1 and done.stderr.count("\n") == 1


def test_strict_mode_runs_nothing_that_cannot_be_recorded(home, started, tmp_path):
    own_config(home).write_text('mode = "strict"')
    assert run(home, "exec", "--", "echo", "hello", cwd=tmp_path).stdout == "hello\n"
    (state(home) / "audit.jsonl").unlink()
    (state(home) / "audit.jsonl").mkdir()
    done = run(home, "exec", "--", "echo", "hello", cwd=tmp_path)
    assert done.returncode in (125, 126) and done.stdout == ""
    assert "not in the audit log" in done.stderr


def test_a_full_disk_leaves_no_fragment(home):
    """A limit on the size of files acts as a full disk does: the first part is taken, the rest is not."""
    for number in range(3):
        write(f"echo {number}")
    before = (state(home) / "audit.jsonl").read_bytes()
    code = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 100}, resource.RLIM_INFINITY))
sys.path[:0] = [{ROOT!r}, {ROOT!r} + "/tests"]
import agentguard.policy as policy
policy.user_home = lambda: {str(home)!r}
sys.dont_write_bytecode = True
from agentguard import audit
from made import made_answer
print(audit.record(made_answer(text="echo x"), outcome="ran", status=None, harness="", cwd="/"))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert done.stdout.startswith("this command is not in the audit log: File too large"), done.stderr
    assert (state(home) / "audit.jsonl").read_bytes() == before
    assert write("echo later") == ""
    assert verify(str(state(home))).lines == 4


@pytest.mark.parametrize("name", ["audit.jsonl", "audit.head"])
@pytest.mark.parametrize("kind", ["pipe", "link", "directory"])
def test_what_is_no_plain_file_is_refused_and_nothing_waits(home, tmp_path, name, kind):
    state(home).mkdir(parents=True)
    path = state(home) / name
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.mkdir()
    assert write().startswith("this command is not in the audit log: ")
    assert not (tmp_path / "elsewhere").exists()


def test_a_writer_that_was_stopped_does_not_stop_the_others_forever(home, monkeypatch):
    write()
    monkeypatch.setattr(audit, "_PATIENCE", 0.2)
    code = "import os, sys; os.lockf(os.open(sys.argv[1], os.O_RDWR), os.F_LOCK, 0); print('held', flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(state(home) / "audit.head")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        assert "another process holds audit.head" in write()
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert write() == ""


def test_a_torn_line_is_kept_and_the_chain_goes_on(home):
    for number in range(3):
        write(f"echo {number}")
    log = state(home) / "audit.jsonl"
    with log.open("ab") as file:  # a writer that died in the middle; the head does not know the line
        file.write(b'{"seq":4,"prev":"00')
    assert write("echo after") == ""
    lines = log.read_text().splitlines()
    assert lines[3] == '{"seq":4,"prev":"00' and json.loads(lines[4])["seq"] == 4
    assert json.loads(lines[4])["torn"] == audit.digest(lines[3].encode())
    report = verify(str(state(home)))
    assert (report.lines, report.problem) == (4, "")
    assert report.notes == (f"{log}:4: a fragment, left by a writer that was interrupted",)


def test_a_torn_line_at_the_end_of_a_full_file(home, monkeypatch):
    write("echo 0")
    with (state(home) / "audit.jsonl").open("ab") as file:
        file.write(b'{"seq":2')
    monkeypatch.setattr(audit, "MIB", unit(300))
    assert write("echo 1") == "" and (state(home) / "audit.jsonl.1").exists()
    report = verify(str(state(home)))
    assert (report.lines, report.problem, len(report.notes)) == (2, "", 1)


def test_a_writer_that_died_before_the_head_was_written(home):
    write("echo 0")
    head = (state(home) / "audit.head").read_bytes()
    write("echo 1")
    (state(home) / "audit.head").write_bytes(head)
    assert verify(str(state(home))).problem == ""
    write("echo 2")
    assert [entry["seq"] for entry in entries(home)] == [1, 2, 3]
    assert verify(str(state(home))).problem == ""


def test_a_damaged_head_is_made_anew(home):
    write("echo 0")
    (state(home) / "audit.head").write_bytes(b"nonsense")
    assert "cut-off end" in verify(str(state(home))).problem
    write("echo 1")
    assert verify(str(state(home))).problem == "" and [entry["seq"] for entry in entries(home)] == [1, 2]


def test_the_end_of_a_great_log_is_found_without_reading_it(home):
    write("echo 0")
    log = state(home) / "audit.jsonl"
    with log.open("ab") as file:
        file.write((b"x" * 99 + b"\n") * 60_000)
    (state(home) / "audit.head").unlink()
    start = time.perf_counter()
    write("echo 1")
    assert time.perf_counter() - start < 0.05


def test_recording_takes_less_than_two_milliseconds(home):
    """From the first import on, as every command pays it: the best of several starts."""
    code = f"""
import sys, time
sys.path[:0] = [{ROOT!r}, {ROOT!r} + "/tests"]
import agentguard.policy as policy
policy.user_home = lambda: {str(home)!r}
from made import made_answer
import agentguard.programs.secret_names
answer = made_answer(text="git status --short && npm test")
start = time.perf_counter()
from agentguard import audit
audit.record(answer, outcome="ran", status=None, harness="", cwd="/")
print(time.perf_counter() - start)
assert "json" not in sys.modules and "hashlib" not in sys.modules
"""
    words = [sys.executable, "-I", "-c", code]
    took = [float(subprocess.run(words, capture_output=True, text=True, check=True).stdout) for _ in range(8)]
    assert min(took) < 0.002
