"""Read the audit log: its lines in order, the ones that are asked for, and what they come to.

Nothing here is on the way of a command, and nothing holds the writers up for longer than opening the files takes.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from agentguard.audit import HEAD, NAME, Head, paths, place, read_head
from agentguard.light import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

Entry = Mapping[str, object]

_SPAN = re.compile(r"(\d{1,9})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file; ``number`` counts from 1, ``raw`` is without its end. ``whole``: the end was there."""

    path: str
    number: int
    raw: bytes
    whole: bool

    def entry(self) -> Entry | None:
        """What the line says; None where it is no JSON object."""
        try:
            found = json.loads(self.raw)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


class Snapshot:
    """The log as it was at one moment: its files, oldest first, and the head. A context manager.

    Raises:
        OSError: the log cannot be read.
    """

    def __init__(self, directory: str) -> None:
        self._stack = ExitStack()
        self.head: Head | None = None
        self.files: list[tuple[str, BinaryIO, int]] = []
        with ExitStack() as locked:
            self._lock(directory, locked)
            for path in paths(directory):
                file = self._stack.enter_context(open(path, "rb", opener=_plain))
                self.files.append((path, file, os.fstat(file.fileno()).st_size))

    def _lock(self, directory: str, locked: ExitStack) -> None:
        try:
            head = _plain(os.path.join(directory, HEAD), os.O_RDWR)
        except FileNotFoundError:
            return
        locked.callback(os.close, head)
        os.lockf(head, os.F_LOCK, 0)
        self.head = read_head(head)

    def lines(self) -> Iterator[Line]:
        """Every line, oldest first."""
        for index in range(len(self.files)):
            yield from self.lines_of(index)

    def lines_of(self, index: int) -> Iterator[Line]:
        """The lines of one file."""
        path, file, size = self.files[index]
        file.seek(0)
        count = 0
        while size > 0 and (raw := file.readline(size)):
            size -= len(raw)
            count += 1
            whole = raw.endswith(b"\n")
            yield Line(path, count, raw[:-1] if whole else raw, whole)

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _plain(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe and without following a link."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are asked for; "" asks for all. ``since`` is compared with the time of a line as text."""

    verdict: str = ""
    rule: str = ""
    since: str = ""
    harness: str = ""
    cwd: str = ""
    grep: str = ""

    def fits(self, entry: Entry) -> bool:
        """Whether this line is asked for."""
        cwd = _text(entry, "cwd").rstrip("/")
        return (
            self.verdict in ("", entry.get("verdict"))
            and self.harness in ("", entry.get("harness"))
            and _text(entry, "time") >= self.since
            and (not self.rule or any(fnmatchcase(rule, self.rule) for rule in rules(entry)))
            and (not self.cwd or f"{cwd}/".startswith(f"{self.cwd.rstrip('/')}/"))
            and self.grep.lower() in _text(entry, "command").lower()
        )


def rules(entry: Entry) -> list[str]:
    """The rules of a line's findings."""
    findings = entry.get("findings")
    named = [item.get("rule") for item in findings if isinstance(item, dict)] if isinstance(findings, list) else []
    return [rule for rule in named if isinstance(rule, str)]


def since(text: str, now: datetime) -> str:
    """The time of a line that ``2h``, ``2026-01-31`` or ``2026-01-31T10:00`` means, in UTC.

    Raises:
        ValueError: it is none of these.
    """
    span = _SPAN.fullmatch(text)
    if span:
        try:
            moment = now - timedelta(seconds=int(span[1]) * _SECONDS[span[2]])
        except OverflowError:
            return ""
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is no time: give one like 30m, 2h, 7d or 2026-01-31") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def last(directory: str, wanted: Wanted, count: int) -> list[tuple[Line, Entry]]:
    """The last ``count`` lines that are asked for, oldest first. Older files are read only where it takes them.

    Raises:
        OSError: the log cannot be read.
    """
    found: list[tuple[Line, Entry]] = []
    with Snapshot(directory) as log:
        for index in reversed(range(len(log.files))):
            newest = deque(_fitting(log.lines_of(index), wanted), maxlen=count - len(found))
            found = [*newest, *found]
            if len(found) >= count:
                break
    return found


def _fitting(lines: Iterator[Line], wanted: Wanted) -> Iterator[tuple[Line, Entry]]:
    for line in lines:
        entry = line.entry()
        if entry is not None and wanted.fits(entry):
            yield line, entry


def follow(directory: str, wanted: Wanted, known: int, pause: float = 0.2) -> Iterator[tuple[Line, Entry]]:
    """The lines after number ``known`` that are asked for as they are written, without end."""
    import time

    mark = (0, 0)
    while True:
        try:
            facts = os.stat(os.path.join(directory, NAME))
        except FileNotFoundError:
            facts = None
        if facts is not None and mark != (facts.st_ino, facts.st_size):
            mark = (facts.st_ino, facts.st_size)
            with Snapshot(directory) as log:
                fresh = list(_unseen(log, known))
            for line, entry in fresh:
                known = max(known, number(entry))
                if wanted.fits(entry):
                    yield line, entry
        time.sleep(pause)


def newest(directory: str) -> int:
    """The number of the last line."""
    found = last(directory, Wanted(), 1)
    return number(found[-1][1]) if found else 0


def _unseen(log: Snapshot, known: int) -> Iterator[tuple[Line, Entry]]:
    """The lines with a greater number. Files are passed over as far as their first line is enough to tell."""
    starts = [next((number(line.entry() or {}) for line in log.lines_of(index)), 0) for index in range(len(log.files))]
    begin = max((index for index, start in enumerate(starts) if start <= known + 1), default=0)
    for index in range(begin, len(log.files)):
        for line in log.lines_of(index):
            found = place(line.raw) if line.whole else None
            if found is not None and found[0] > known and (entry := line.entry()) is not None:
                yield line, entry


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts over the lines that are asked for."""

    commands: int
    verdicts: Counter[str]
    outcomes: Counter[str]
    rules: Counter[str]


def statistics(directory: str, wanted: Wanted) -> Statistics:
    """Count all lines that are asked for.

    Raises:
        OSError: the log cannot be read.
    """
    verdicts: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    found: Counter[str] = Counter()
    with Snapshot(directory) as log:
        for _, entry in _fitting(log.lines(), wanted):
            verdicts[_text(entry, "verdict")] += 1
            outcomes[_text(entry, "outcome")] += 1
            found.update(set(rules(entry)))
    return Statistics(verdicts.total(), verdicts, outcomes, found)


def _text(entry: Entry, key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def number(entry: Entry) -> int:
    """The number of a line; 0 where it has none."""
    value = entry.get("seq")
    return value if isinstance(value, int) else 0
