"""Every way to change the log by hand is found and named; what an accident leaves is told apart from it."""

import pytest
from audit.writing import state, unit
from made import made_answer

from agentguard import audit
from agentguard.audit_verify import verify


@pytest.fixture
def log(home):
    """A log of ten lines in one file."""
    write(10)
    return state(home) / "audit.jsonl"


@pytest.fixture
def rotated(home, monkeypatch):
    """The directory of a log whose lines lie in several files, none dropped yet."""
    monkeypatch.setattr(audit, "MIB", unit(2_000))
    write(20)
    assert (state(home) / "audit.jsonl.3").exists() and not (state(home) / "audit.jsonl.8").exists()
    return state(home)


def write(count):
    for number in range(count):
        answer = made_answer(text=f"echo {number}")
        assert audit.record(answer, outcome="ran", status=None, harness="", cwd="/") == ""


def problem(directory):
    return verify(str(directory)).problem


def change(log, make):
    """Rewrite the lines of a file; ``make`` gets and gives a list of them."""
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(make(lines)))


def rehashed(line: bytes) -> bytes:
    """A line with the hash that fits it, as someone who knows the format would write it."""
    own = line.rpartition(b',"hash":"')[0]
    return own + b',"hash":"' + audit.digest(own).encode() + b'"}\n'


def test_an_untouched_log_holds(log):
    report = verify(str(log.parent))
    assert (report.lines, report.problem, report.notes) == (10, "", ())


def test_no_log_holds_too(home):
    assert verify(str(state(home))).lines == 0


def test_an_altered_line(log):
    change(log, lambda lines: [*lines[:4], lines[4].replace(b"echo 4", b"echo 5"), *lines[5:]])
    assert problem(log.parent) == f"{log}:5: altered: the line does not have its own hash"


def test_an_altered_line_with_a_new_hash(log):
    change(log, lambda lines: [*lines[:4], rehashed(lines[4].replace(b"echo 4", b"echo 5")), *lines[5:]])
    assert problem(log.parent) == f"{log}:5: altered: the line behind it knows it with another hash"


def test_an_altered_last_line_with_a_new_hash(log):
    change(log, lambda lines: [*lines[:9], rehashed(lines[9].replace(b"echo 9", b"echo 5"))])
    assert problem(log.parent).startswith(f"{log}:10: altered: audit.head knows")
    write(1)
    assert problem(log.parent).startswith(f"{log}:10: altered: ")


@pytest.mark.parametrize(
    ("make", "place", "words"),
    [
        (lambda lines: lines[1:], 1, "lines 1 to 1 are missing"),
        (lambda lines: [*lines[:4], *lines[5:]], 5, "line 5 is missing before this one"),
        (lambda lines: [*lines[:4], *lines[7:]], 5, "lines 5 to 7 are missing before this one"),
        (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], 5, "out of order"),
        (lambda lines: [*lines[:4], lines[3], *lines[4:]], 5, "out of order: line 4 comes after line 4"),
        (lambda lines: [*lines[:4], b"nothing\n", *lines[4:]], 5, "altered or added"),
        (lambda lines: [*lines, b"nothing\n"], 11, "altered or added"),
        (lambda lines: [*lines[:4], b"\n", *lines[4:]], 5, "altered or added"),
        (lambda lines: [*lines[:4], lines[4][:-20] + b"\n", *lines[5:]], 5, "altered or added"),
        (lambda lines: lines[:7], 7, "the end is cut off: lines 8 to 10 are missing"),
        (lambda lines: [*lines[:9], lines[9][:40]], 9, "the end is cut off: lines 10 to 10 are missing"),
    ],
)
def test_lines_that_are_removed_moved_added_or_cut(log, make, place, words):
    change(log, make)
    said = problem(log.parent)
    assert f"{log}:{place}" in said and words in said


def test_a_cut_end_is_not_covered_by_writing_on(log):
    change(log, lambda lines: lines[:7])
    write(3)
    assert f"{log}:8: lines 8 to 10 are missing before this one" in problem(log.parent)


def test_a_removed_log_is_not_covered_by_writing_on(log):
    log.unlink()
    assert "audit.jsonl is missing" in problem(log.parent) and "lines 1 to 10 are missing" in problem(log.parent)
    write(1)
    assert f"lines 1 to 10 are missing before {log}:1" in problem(log.parent)


def test_an_emptied_log(log):
    log.write_bytes(b"")
    assert "the end is cut off: lines 1 to 10 are missing" in problem(log.parent)


def test_a_removed_head(log):
    (log.parent / "audit.head").unlink()
    assert problem(log.parent).startswith(f"{log.parent}/audit.head: missing")


def test_the_chain_goes_on_over_the_files(rotated):
    report = verify(str(rotated))
    assert (report.lines, report.problem) == (20, "")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_missing_older_file(rotated, number):
    gone = max(rotated.glob("audit.jsonl.?")) if number == 3 else rotated / f"audit.jsonl.{number}"
    gone.unlink()
    assert problem(rotated).startswith(f"{gone} is missing: ")


def test_older_files_that_changed_places(rotated):
    one, two = rotated / "audit.jsonl.1", rotated / "audit.jsonl.2"
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    assert "missing before this one" in problem(rotated) or "out of order" in problem(rotated)


def test_files_that_were_dropped_for_room_are_not_missing(rotated):
    write(60)
    assert (rotated / "audit.jsonl.8").exists()
    assert verify(str(rotated)).problem == "" and verify(str(rotated)).lines < 80
    (rotated / "audit.jsonl.8").unlink()
    assert problem(rotated).startswith(f"{rotated}/audit.jsonl.8 is missing: lines ")


def test_an_interrupted_rotation_is_no_problem(rotated):
    """A writer that died after moving the older files: a gap in their names, none in the chain."""
    for number in range(8, 0, -1):
        path = rotated / f"audit.jsonl.{number}"
        if path.exists():
            path.rename(rotated / f"audit.jsonl.{number + 1}")
    assert problem(rotated) == ""
    write(20)
    assert problem(rotated) == ""
