"""Offsets in the text of a fragment ↔ lines and columns in its file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from agentguard.scan.model import Fragment, Place

#: (text, offset in the file): text that stands there as it is, or stands for what does.
Piece = tuple[str, int]
#: (offset in a fragment's text, line, column in the file), ascending.
Marks = Sequence[tuple[int, int, int]]


class Lines:
    """The lines of a text: offset → line and column, both from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        at = text.find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = text.find("\n", at + 1)

    def at(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, "" where there is none."""
        if not 1 <= number <= len(self.starts):
            return ""
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end]

    def marks(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Marks for a stretch of the text taken as it is."""
        line, column = self.at(start)
        found = [(0, line, column)]
        for number in range(line, len(self.starts)):
            if self.starts[number] >= end:
                break
            found.append((self.starts[number] - start, number + 1, 1))
        return found


class Built:
    """Text put together from pieces of a file, with its marks."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._pieces: list[str] = []
        self._length = 0
        self.marks: list[tuple[int, int, int]] = []

    def add(self, start: int, end: int) -> None:
        """A stretch of the file as it is."""
        if end > start:
            self.marks += [(self._length + at, line, column) for at, line, column in self._lines.marks(start, end)]
            self._append(self._lines.text[start:end])

    def put(self, text: str, start: int) -> None:
        """Other text that stands for what the file holds at an offset."""
        if text:
            self.marks.append((self._length, *self._lines.at(start)))
            self._append(text)

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    @property
    def text(self) -> str:
        return "".join(self._pieces)


def place(fragment: Fragment, start: int, end: int) -> Place:
    """Where a stretch of a fragment's text stands in the file."""
    line, column = position(fragment.marks, start)
    end_line, end_column = position(fragment.marks, max(start, end - 1))
    return Place(fragment.path, line, column, end_line, end_column + (1 if end > start else 0))


def position(marks: Marks, offset: int) -> tuple[int, int]:
    """The line and column of an offset. Between two marks text and file run alike."""
    index = bisect_right(marks, offset, key=lambda mark: mark[0]) - 1
    if index < 0:
        return 1, 1
    at, line, column = marks[index]
    return line, column + offset - at
