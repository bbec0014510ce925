"""Requests that wait for a person, and what the person said. The only owner of sqlite.

One file, ``requests.db``, with a rollback journal: it is safe on every file system, and a process that dies in the
middle leaves either all of its change or none. Every change is one immediate transaction, so that two processes can
never both take one approval. Whatever is wrong with the file is a :class:`RequestsError`, and then nothing runs.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from agentguard.confirm.described import Draft, Noted
from agentguard.confirm.state import StateError, directory, open_file
from agentguard.light import dataclass, replace

NAME = "requests.db"
PENDING, APPROVED, DENIED, USED, EXPIRED = "pending", "approved", "denied", "used", "expired"

#: seconds: how long a request waits, an approval is good (unless the policy says otherwise), a denial answers the
#: same request again, and a closed request can still be shown
WAITS, GOOD, DENIES, KEPT = 3600, 600, 600, 7 * 86400
#: the longest time that an approval may stand, in minutes
LONGEST_STANDING = 8 * 60

_BUSY = 60.0
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, state TEXT NOT NULL, project TEXT NOT NULL, body TEXT NOT NULL,
    created REAL NOT NULL, until REAL NOT NULL, decided REAL, why TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS requests_digest ON requests (digest, state);
CREATE INDEX IF NOT EXISTS requests_state ON requests (state, created);
CREATE TABLE IF NOT EXISTS standing (
    request TEXT NOT NULL, project TEXT NOT NULL, keys TEXT NOT NULL, until REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS attempts (at REAL NOT NULL);
PRAGMA user_version = 1;
"""
_COLUMNS = "id, digest, state, project, body, created, until, decided, why"


class RequestsError(Exception):
    """The requests cannot be read or changed, or the change makes no sense. The message is for a person."""


@dataclass(frozen=True, slots=True)
class Request(Draft):
    """A draft that was filed. Times are seconds since 1970; ``until`` ends the waiting of a pending one, the use of an
    approved. ``text`` is the whole command, never shortened."""

    id: str
    state: str
    created: float
    until: float
    decided: float | None
    why: str


def file(draft: Draft, *, now: float | None = None) -> tuple[Request, bool]:
    """The request for a draft, and whether it is new.

    It is not where one of the same digest is still pending, or was denied so lately that the answer still holds.
    """
    now = _now(now)
    with _changing() as base:
        _expire(base, now)
        row = _one(
            base,
            "digest = ? AND (state = ? OR state = ? AND decided > ?) ORDER BY created DESC LIMIT 1",
            (draft.digest, PENDING, DENIED, now - DENIES),
        )
        if row is not None:
            return row, False
        request = _fresh(base, draft, now)
    return request, True


def take(digest: str, *, now: float | None = None) -> Request | None:
    """Use up one approval of a digest. None where there is none; no two callers get the same one."""
    now = _now(now)
    with _changing() as base:
        _expire(base, now)
        found = _one(base, "digest = ? AND state = ? ORDER BY decided LIMIT 1", (digest, APPROVED))
        if found is None:
            return None
        base.execute("UPDATE requests SET state = ?, decided = ? WHERE id = ?", (USED, now, found.id))
    return found


def stands(keys: Sequence[str], project: str, *, now: float | None = None) -> str:
    """The id of the request whose standing approval covers these keys in this project, or "". Nothing is used up."""
    if not keys:
        return ""
    query = "SELECT request, keys FROM standing WHERE project = ? AND until > ?"
    with _reading() as base:
        for request, covered in base.execute(query, (project, _now(now))):
            if set(keys) == set(json.loads(covered)):
                return str(request)
    return ""


def get(identity: str, *, now: float | None = None) -> Request:
    """A request by its id.

    Raises:
        RequestsError: there is none.
    """
    with _reading() as base:
        return _seen(_known(base, identity), _now(now))


def pending(*, now: float | None = None) -> list[Request]:
    """Everything that waits for an answer, oldest first."""
    with _reading() as base:
        query = f"SELECT {_COLUMNS} FROM requests WHERE state = ? AND until > ? ORDER BY created, id"
        return [_request(row) for row in base.execute(query, (PENDING, _now(now)))]


def wait(identity: str, seconds: float) -> Request:
    """The request once it is no longer pending, or as it is after ``seconds``.

    The file is opened only when it has changed, and once a second besides.
    """
    end = time.monotonic() + seconds
    path = _path()
    seen, looked, pause = None, 0.0, 0.02
    while True:
        moment = time.monotonic()
        stamp = _stamp(path)
        if stamp != seen or moment - looked >= 1:
            seen, looked = stamp, moment
            request = get(identity)
            if request.state != PENDING or moment >= end:
                return request
        if moment >= end:
            return get(identity)
        time.sleep(min(pause, max(end - moment, 0.001)))
        pause = min(pause * 1.5, 0.2)


def check(request: Request, minutes: int = 0) -> None:
    """Whether :func:`approve` would take this, so that nobody is asked in vain.

    Raises:
        RequestsError: it is not pending, or may not stand.
    """
    if not 0 <= minutes <= LONGEST_STANDING:
        raise RequestsError(f"an approval stands for at most {LONGEST_STANDING} minutes")
    _must_be(request, PENDING)
    if minutes and not request.keys:
        raise RequestsError(
            f"{request.id} can only be approved once: it touches the floor, or what it hits is not certain"
        )


def approve(identity: str, *, minutes: int = 0, good: float = GOOD, now: float | None = None) -> Request:
    """Let the command of a pending request run once within ``good`` seconds; with ``minutes`` also let the same
    operations stand so long.

    Raises:
        RequestsError: it is not pending, or may not stand.
    """
    now = _now(now)
    with _changing() as base:
        _expire(base, now)
        request = _known(base, identity)
        check(request, minutes)
        _decide(base, request.id, APPROVED, now, now + good)
        if minutes:
            values = (request.id, request.project, json.dumps(request.keys), now + minutes * 60)
            base.execute("INSERT INTO standing VALUES (?, ?, ?, ?)", values)
    return get(request.id, now=now)


def deny(identity: str, reason: str = "", *, now: float | None = None) -> Request:
    """Refuse a pending request, or take back an approval that was not used; what stands through it ends.

    Raises:
        RequestsError: it is neither.
    """
    now = _now(now)
    with _changing() as base:
        _expire(base, now)
        request = _known(base, identity)
        _must_be(request, PENDING, APPROVED, USED)
        base.execute("DELETE FROM standing WHERE request = ?", (request.id,))
        if request.state != USED:
            _decide(base, request.id, DENIED, now, now, reason)
    return get(request.id, now=now)


def attempt(limit: int, *, now: float | None = None) -> float:
    """Count one try at the passphrase: 0.0, or how many seconds must pass first (then it is not counted)."""
    now = _now(now)
    with _changing() as base:
        count, last = base.execute("SELECT count(*), coalesce(max(at), 0) FROM attempts").fetchone()
        left = last + min(2.0 ** (count - limit), 3600.0) - now if count >= limit else 0.0
        if left > 0:
            return float(min(left, 3600.0))
        base.execute("INSERT INTO attempts VALUES (?)", (now,))
    return 0.0


def forget_attempts() -> None:
    """The passphrase was right: start counting anew."""
    with _changing() as base:
        base.execute("DELETE FROM attempts")


# ------------------------------------------------------------------------------------------ the database


@contextmanager
def _changing() -> Iterator[sqlite3.Connection]:
    """One immediate transaction: all of it happens, or nothing."""
    with _reading() as base:
        base.execute("BEGIN IMMEDIATE")
        try:
            yield base
        except BaseException:
            base.execute("ROLLBACK")
            raise
        base.execute("COMMIT")


@contextmanager
def _reading() -> Iterator[sqlite3.Connection]:
    try:
        descriptor = open_file(NAME)
        assert descriptor is not None
        os.close(descriptor)
        with closing(sqlite3.connect(_path(), timeout=_BUSY, isolation_level=None)) as base:
            if base.execute("PRAGMA user_version").fetchone()[0] == 0:
                base.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
            yield base
    except StateError as error:
        raise RequestsError(str(error)) from error
    except sqlite3.Error as error:
        raise RequestsError(f"{_path()}: {error}; if it stays so, move this file away and try again") from error
    except (ValueError, KeyError, TypeError) as error:
        raise RequestsError(f"{_path()}: a request in it makes no sense: {error}") from error


def _path() -> str:
    return os.path.join(directory(), NAME)


def _one(base: sqlite3.Connection, where: str, values: Sequence[object]) -> Request | None:
    row = base.execute(f"SELECT {_COLUMNS} FROM requests WHERE {where}", values).fetchone()
    return None if row is None else _request(row)


def _known(base: sqlite3.Connection, identity: str) -> Request:
    found = _one(base, "id = ?", (identity.strip().lower(),))
    if found is None:
        raise RequestsError(f"there is no request {identity!r}; agentguard pending lists what waits")
    return found


def _fresh(base: sqlite3.Connection, draft: Draft, now: float) -> Request:
    body = json.dumps(
        {
            "text": draft.text, "cwd": draft.cwd, "reason": draft.reason, "typed": draft.typed, "keys": draft.keys,
            "findings": [
                [note.rule, note.title, note.severity, note.target, note.environment, note.facts]
                for note in draft.findings
            ],
        }
    )
    identity = _identity()
    while base.execute("SELECT 1 FROM requests WHERE id = ?", (identity,)).fetchone():
        identity = _identity()
    row = (identity, draft.digest, PENDING, draft.project, body, now, now + WAITS, None, "")
    base.execute(f"INSERT INTO requests ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return _request(row)


def _identity() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"


def _must_be(request: Request, *states: str) -> None:
    if request.state not in states:
        raise RequestsError(f"{request.id} is already {request.state}")


def _decide(
    base: sqlite3.Connection, identity: str, state: str, now: float, until: float, why: str = ""
) -> None:
    query = "UPDATE requests SET state = ?, decided = ?, until = ?, why = ? WHERE id = ?"
    base.execute(query, (state, now, until, why, identity))


def _expire(base: sqlite3.Connection, now: float) -> None:
    query = "UPDATE requests SET state = ? WHERE state IN (?, ?) AND until <= ?"
    base.execute(query, (EXPIRED, PENDING, APPROVED, now))
    base.execute("DELETE FROM requests WHERE state NOT IN (?, ?) AND created < ?", (PENDING, APPROVED, now - KEPT))
    base.execute("DELETE FROM standing WHERE until <= ?", (now,))


def _seen(request: Request, now: float) -> Request:
    """A request as it is now, whether or not its expiry was written down already."""
    ended = request.state in (PENDING, APPROVED) and request.until <= now
    return replace(request, state=EXPIRED) if ended else request


def _request(row: Sequence[object]) -> Request:
    identity, digest, state, project, body, created, until, decided, why = row
    held = json.loads(str(body))
    return Request(
        *(str(digest), held["text"], held["cwd"], str(project), held["reason"]),
        findings=tuple(
            Noted(rule, title, severity, target, environment, tuple((label, text) for label, text in facts))
            for rule, title, severity, target, environment, facts in held["findings"]
        ),
        typed=held["typed"],
        keys=tuple(held["keys"]),
        id=str(identity),
        state=str(state),
        created=float(created),  # type: ignore[arg-type]  # sqlite gives the REAL that was stored
        until=float(until),  # type: ignore[arg-type]
        decided=None if decided is None else float(decided),  # type: ignore[arg-type]
        why=str(why),
    )


def _now(now: float | None) -> float:
    return time.time() if now is None else now


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return status.st_mtime_ns, status.st_size
