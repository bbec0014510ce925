"""The audit log: one JSON line for every judged command, each chained to the one before by its hash.

This is called before every command, so it imports next to nothing and reads only the end of the file.

``~/.local/state/agentguard`` (0700) holds ``audit.jsonl``, the older ``audit.jsonl.1``, ``audit.jsonl.2`` … as many as
``audit.keep`` says, and ``audit.head``: the lock of the writers, and what the last line was, so that a cut-off end is
noticed. A line is::

    {"seq": 7, "prev": HASH of the line before, "time": "2026-01-31T12:00:00.000Z", "cwd": …, "harness": …,
     "command": … without secrets, "verdict": "allow" | "ask" | "block", "supervise": …, "mode": …, "reason": …,
     "findings": [{"rule", "severity", "target", "environment"}], "outcome": …, "request": …, "status": …,
     "hash": of everything before it in this line}

Besides, ``cut`` (bytes and digest of a command that was too long), ``more`` (findings left out) and ``torn`` (the
digest of the fragment before this line, left by a writer that was interrupted) where they apply.
"""

from __future__ import annotations

import os
import stat
import time
from _blake2 import blake2b

from agentguard import policy
from agentguard.config import Mode
from agentguard.redaction import redacted
from agentguard.rulebook.model import Severity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from agentguard.frontdoor import Answer
    from agentguard.rulebook.model import Finding

NAME: Final = "audit.jsonl"
HEAD: Final = "audit.head"
#: bytes in the unit of ``audit.size``
MIB = 1024 * 1024
#: as many older files as a configuration can ask for
EVERY: Final = 1000
NO_HASH: Final = "0" * 32

_COMMAND: Final = 4096  # bytes of a command that are kept
_CUT: Final = "…[cut]"
_FINDINGS: Final = 20
_TEXT: Final = 300  # characters of any other text
_TAIL: Final = 256 * 1024  # more than the longest line
_PATIENCE: Final = 10.0  # seconds; the lock is held for less than a millisecond


class Head:
    """The last line: its number, its hash, the size of the file it ends; and the number of the first line kept.

    Written out, since a dataclass would first have to compile this ``__init__`` before every command.
    """

    __slots__ = ("first", "hash", "seq", "size")

    def __init__(self, seq: int, hash: str, size: int, first: int) -> None:
        self.seq = seq
        self.hash = hash
        self.size = size
        self.first = first


def record(
    answer: Answer,
    *,
    outcome: str,
    request: str = "",
    status: int | None,
    harness: str,
    cwd: str,
    now: float | None = None,
) -> str:
    """Add the line of one command. What went wrong, for a person, or "" where it is written.

    ``outcome``: ran, refused, approved, denied, timeout, observed or failed.
    ``status``: the exit status where agentguard gives it (126 refused, 125 failed), None where the shell takes over.
    ``now``: seconds since 1970. A failure changes no verdict: the caller says it, and refuses in strict mode.
    """
    directory = policy.user_state()
    limit = answer.policy.audit_size * MIB
    # a configuration that cannot be read says nothing about what may go: a broken file must not clear the log
    keep = EVERY if answer.failure else answer.policy.audit_keep
    try:
        body = _body(answer, outcome, request, status, harness, cwd, time.time() if now is None else now)
        _append(directory, body, limit, keep)
    except OSError as error:
        return f"this command is not in the audit log: {error.strerror or error} ({directory})"
    return ""


def let_run(answer: Answer) -> str:
    """The outcome of a command that may run without anyone asked: ``observed`` where only observe mode lets it."""
    stopped = (finding.decision == "ask" and finding.severity > Severity.LOW for finding in answer.verdict.findings)
    return "observed" if answer.policy.mode is Mode.OBSERVE and any(stopped) else "ran"


def digest(text: bytes) -> str:
    """The hash that chains the lines: 32 hexadecimal digits."""
    return blake2b(text, digest_size=16).hexdigest()


def paths(directory: str) -> list[str]:
    """The files of the log that exist, oldest first."""
    log = os.path.join(directory, NAME)
    older = [f"{log}.{number}" for number in reversed(_older(directory))]
    return [*older, log] if os.path.lexists(log) else older


def _older(directory: str) -> list[int]:
    """The numbers of the older files that exist, the newest of them (1) first."""
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    ends = [name[len(NAME) + 1 :] for name in names if name.startswith(f"{NAME}.")]
    return sorted(int(end) for end in ends if end.isascii() and end.isdigit() and end[0] != "0" and len(end) <= 4)


# --------------------------------------------------------------------------------------------- a line


def _body(
    answer: Answer, outcome: str, request: str, status: int | None, harness: str, cwd: str, now: float
) -> str:
    """The fields of a line that do not depend on the lines before it."""
    verdict = answer.verdict
    supervise = verdict.supervise and verdict.decision == "allow"
    command, cut = _command(answer.text)
    findings = ",".join(map(_finding, verdict.findings[:_FINDINGS]))
    more = len(verdict.findings) - _FINDINGS
    seconds, millis = divmod(int(now * 1000), 1000)
    return "".join(
        (
            f'"time":"{time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))}.{millis:03d}Z"',
            f',"cwd":{quoted(cwd[:4096])},"harness":{quoted(harness[:_TEXT])},"command":{quoted(command)}{cut}',
            f',"verdict":"{verdict.decision}","supervise":{"true" if supervise else "false"}',
            f',"mode":"{answer.policy.mode.name.lower()}","reason":{_short(verdict.reason)}',
            f',"findings":[{findings}]',
            f',"more":{more}' if more > 0 else "",
            f',"outcome":{quoted(outcome)},"request":{quoted(request[:_TEXT])}',
            f',"status":{"null" if status is None else int(status)}',
        )
    )


def _command(text: str) -> tuple[str, str]:
    """A command as it is kept, and the field that says what was cut.

    The digest is of the redacted text: one of the secret itself would let a reader try out passwords.
    """
    text = redacted(text)
    if len(text) <= _COMMAND // 4:
        return text, ""
    whole = text.encode("utf-8", "surrogatepass")
    if len(whole) <= _COMMAND:
        return text, ""
    start = whole[:_COMMAND].decode("utf-8", "replace")
    return start + _CUT, f',"cut":{{"bytes":{len(whole)},"digest":"{digest(whole)}"}}'


def _finding(finding: Finding) -> str:
    return (
        f'{{"rule":{quoted(finding.rule)},"severity":"{finding.severity.name.lower()}"'
        f',"target":{_short(finding.target)},"environment":{quoted(finding.environment)}}}'
    )


def quoted(text: str) -> str:
    """``text`` as a JSON string in ASCII. The module that can do all of it is loaded only for what needs it."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    if plain.isascii() and plain.isprintable():
        return f'"{plain}"'
    from _json import encode_basestring_ascii

    return encode_basestring_ascii(text)


def _short(text: str) -> str:
    text = redacted(text)
    return quoted(text if len(text) <= _TEXT else f"{text[:_TEXT]}…")


# -------------------------------------------------------------------------------------------- the file


def _append(directory: str, body: str, limit: int, keep: int) -> None:
    """Write one line, alone under the lock. ``limit``: bytes of a file; ``keep``: how many older files stay.

    Raises:
        OSError: nothing is written.
    """
    lock = _open_head(directory)
    try:
        _wait_for(lock)
        _write(directory, lock, body, limit, keep)
    finally:
        os.close(lock)


def _write(directory: str, lock: int, body: str, limit: int, keep: int) -> None:
    path = os.path.join(directory, NAME)
    log = _open(path)
    try:
        size = os.fstat(log).st_size
        known = read_head(lock)
        seq, prev, torn = known.seq if known else 0, known.hash if known else NO_HASH, b""
        if known is None or known.size != size:
            last, torn = _tail(log, size)
            if last[0] > seq:  # a writer got no further than its line
                seq, prev = last
        first = known.first if known else _first(paths(directory)) or seq + 1
        extra = f',"torn":"{digest(torn)}"' if torn else ""
        start = f'{{"seq":{seq + 1},"prev":"{prev}"{extra},{body}'
        own = digest(start.encode("ascii"))
        line = f'{start},"hash":"{own}"}}\n'.encode("ascii")
        if size and size + len(line) > limit:
            first = _rotate(directory, lock, Head(seq, prev, size, first), keep)
            os.close(log)
            log, size = _open(path), 0
        elif torn:
            line = b"\n" + line
        _write_whole(log, size, line)
        _write_head(lock, Head(seq + 1, own, size + len(line), first))
    finally:
        os.close(log)


def _write_whole(log: int, size: int, line: bytes) -> None:
    """Add a line, or leave the file as it was."""
    try:
        while line:  # a full disk takes a part of it without an error, and says why when it is given the rest
            line = line[os.write(log, line) :]
    except OSError:
        os.ftruncate(log, size)
        raise


def _tail(log: int, size: int) -> tuple[tuple[int, str], bytes]:
    """Number and hash of the last whole line, and the fragment behind it. Only the end of the file is read."""
    lines = os.pread(log, _TAIL, max(0, size - _TAIL)).split(b"\n")
    torn = lines.pop()
    return next((found for line in reversed(lines) if (found := place(line)) is not None), (0, NO_HASH)), torn


def place(line: bytes) -> tuple[int, str] | None:
    """Number and hash of a line, without reading what is between."""
    number = line[7:27].partition(b",")[0]
    if not line.startswith(b'{"seq":') or not number.isdigit() or line[-43:-34] != b',"hash":"':
        return None
    return int(number), line[-34:-2].decode("ascii", "replace")


def _first(files: list[str]) -> int:
    """The number of the first line of the oldest file; 0 where that cannot be told."""
    for path in files:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            number = os.read(descriptor, 27)[7:].partition(b",")[0]
        finally:
            os.close(descriptor)
        return int(number) if number.isdigit() else 0
    return 0


def _rotate(directory: str, lock: int, head: Head, keep: int) -> int:
    """Make room for a new file; what is too old goes. The number of the first line that is still there."""
    path = os.path.join(directory, NAME)
    older = _older(directory)
    stay = [number for number in older if number < keep]
    if len(stay) < len(older):
        oldest = f"{path}.{stay[-1]}" if stay else path
        head = Head(head.seq, head.hash, head.size, _first([oldest]) or head.first)
        _write_head(lock, head)  # before a file goes, so that an interruption does not look like a missing file
    for number in reversed(older[len(stay) :]):
        os.unlink(f"{path}.{number}")
    for number in reversed(stay):
        os.rename(f"{path}.{number}", f"{path}.{number + 1}")
    os.rename(path, f"{path}.1")
    return head.first


# -------------------------------------------------------------------------------------------- the head


def read_head(descriptor: int) -> Head | None:
    """What the head file says; None where it says nothing that makes sense."""
    parts = os.pread(descriptor, 200, 0).split()
    if len(parts) != 4 or len(parts[1]) != 32 or not all(part.isdigit() for part in (parts[0], *parts[2:])):
        return None
    return Head(int(parts[0]), parts[1].decode("ascii", "replace"), int(parts[2]), int(parts[3]))


def _write_head(lock: int, head: Head) -> None:
    """Always of one length and in one place, so that a full disk cannot tear it."""
    os.pwrite(lock, f"{head.seq:020d} {head.hash} {head.size:020d} {head.first:020d}\n".encode("ascii"), 0)


def _open_head(directory: str) -> int:
    path = os.path.join(directory, HEAD)
    try:
        lock = _open(path)
    except FileNotFoundError:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        lock = _open(path)
    if os.stat(directory).st_mode & 0o077:
        os.chmod(directory, 0o700)
    return lock


def _open(path: str) -> int:
    """A file of ours, for nobody else. What is no plain file (a link, a pipe that would make us wait) is refused."""
    flags = os.O_RDWR | os.O_APPEND if path.endswith(NAME) else os.O_RDWR
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a plain file")
    if mode & 0o077:
        os.fchmod(descriptor, 0o600)
    return descriptor


def _wait_for(lock: int) -> None:
    """Take the lock. It is waited for, but not forever: a writer that was stopped must not stop every command."""
    pause, end = 0.0005, 0.0
    while True:
        try:
            os.lockf(lock, os.F_TLOCK, 0)
            return
        except (BlockingIOError, PermissionError):
            moment = time.monotonic()
            end = end or moment + _PATIENCE
            if moment > end:
                raise TimeoutError(f"another process holds {HEAD} for longer than {_PATIENCE:.0f} s") from None
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
