"""Whether the audit log is whole: every line as it was written, none missing, none added, none in another place.

It finds what an accident or a hasty hand does. The same user can write the whole log anew, hashes included; only a
copy that lies elsewhere tells that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from agentguard.audit import EVERY, HEAD, NAME, NO_HASH, Head, digest
from agentguard.audit_reading import Line, Snapshot
from agentguard.light import dataclass

_SHAPE = re.compile(
    rb'(?P<own>\{"seq":(?P<seq>[0-9]{1,18}),"prev":"(?P<prev>[0-9a-f]{32})",(?:"torn":"(?P<torn>[0-9a-f]{32})",)?"time":.*)'
    rb',"hash":"(?P<hash>[0-9a-f]{32})"\}'
)


@dataclass(frozen=True, slots=True)
class Report:
    """``problem`` names the first place that is not as it was written, "" if there is none. ``notes`` are no problems:
    fragments that interrupted writers left, each acknowledged by the line behind it."""

    lines: int
    problem: str
    notes: tuple[str, ...]


def verify(directory: str) -> Report:
    """Read the whole log and follow the chain.

    Raises:
        OSError: the log cannot be read.
    """
    with Snapshot(directory) as log:
        chain = _Chain(directory, log.head, {path for path, _, _ in log.files})
        problem = next(chain.follow(log.lines()), "")
        return Report(chain.lines, problem, tuple(chain.notes))


class _Chain:
    """What is known while the lines go by."""

    def __init__(self, directory: str, head: Head | None, files: set[str]) -> None:
        self.lines = 0
        self.notes: list[str] = []
        self._log = os.path.join(directory, NAME)
        self._head_path = os.path.join(directory, HEAD)
        self._head = head
        self._files = files
        self._seq = 0
        self._hash = NO_HASH
        self._last: Line | None = None
        self._torn: Line | None = None

    def follow(self, lines: Iterator[Line]) -> Iterator[str]:
        """The problems, first to last."""
        for line in lines:
            found = _SHAPE.fullmatch(line.raw) if line.whole else None
            if found is None:
                if self._torn is not None:
                    yield f"{_place(self._torn)}: this is no line of the log: altered or added"
                self._torn = line
                continue
            if digest(found["own"]) != found["hash"].decode():
                yield f"{_place(line)}: altered: the line does not have its own hash"
            if self._torn is not None:
                yield from self._acknowledged(self._torn, found["torn"])
            yield from self._joined(line, int(found["seq"]), found["prev"].decode())
            self._seq, self._hash, self._last, self._torn = int(found["seq"]), found["hash"].decode(), line, None
            self.lines += 1
            if self._head is not None and self._seq == self._head.seq and self._hash != self._head.hash:
                yield f"{_place(line)}: altered: {HEAD} knows this line with another hash"
        yield from self._ended()

    def _acknowledged(self, torn: Line, said: bytes | None) -> Iterator[str]:
        if said is None or said.decode() != digest(torn.raw):
            yield f"{_place(torn)}: this is no line of the log: altered or added"
        else:
            self.notes.append(f"{_place(torn)}: a fragment, left by a writer that was interrupted")

    def _joined(self, line: Line, seq: int, prev: str) -> Iterator[str]:
        """The place of a line behind the one before."""
        if self._last is None:
            first = self._head.first if self._head is not None else 1
            if seq > first and self._head is not None:
                yield f"{self._missing_file(line)}lines {first} to {seq - 1} are missing before {_place(line)}"
            if seq == 1 and prev != NO_HASH:
                yield f"{_place(line)}: altered: the first line follows none"
            return
        if seq <= self._seq:
            yield f"{_place(line)}: out of order: line {seq} comes after line {self._seq}"
        elif seq > self._seq + 1:
            gap = f"line {self._seq + 1} is" if seq == self._seq + 2 else f"lines {self._seq + 1} to {seq - 1} are"
            yield f"{self._missing_file(line)}{_place(line)}: {gap} missing before this one: removed, or out of order"
        elif prev != self._hash:
            yield f"{_place(self._last)}: altered: the line behind it knows it with another hash"

    def _missing_file(self, line: Line) -> str:
        """The file between the last line and this one, where one is missing there."""
        if self._last is not None and self._last.path == line.path:
            return ""
        number = self._age(line.path)
        before = self._age(self._last.path) if self._last is not None else EVERY + 1
        gone = f"{self._log}.{number + 1}"
        return f"{gone} is missing: " if before > number + 1 and gone not in self._files else ""

    def _age(self, path: str) -> int:
        """The number of an older file; 0 for the newest."""
        return int(path.rpartition(".")[2]) if path != self._log else 0

    def _ended(self) -> Iterator[str]:
        """The end: it must reach as far as the head says."""
        place = _place(self._last) if self._last is not None else self._log
        if self._torn is not None and self._torn.whole:
            yield f"{_place(self._torn)}: this is no line of the log: altered or added"
        if self._head is None:
            if self._last is not None or self._torn is not None:
                yield f"{self._head_path}: missing or damaged, so a cut-off end cannot be told"
        elif self._seq < self._head.seq:
            gone = "" if self._log in self._files else f"{self._log} is missing: "
            yield f"{gone}{place}: the end is cut off: lines {self._seq + 1} to {self._head.seq} are missing behind it"
        elif self._torn is not None:
            self.notes.append(f"{_place(self._torn)}: a fragment, left by a writer that was interrupted")


def _place(line: Line) -> str:
    return f"{line.path}:{line.number}"
