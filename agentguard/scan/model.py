"""What scanning is about: pieces of shell in files, what was found in them, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.light import dataclass, field
from agentguard.rulebook.model import Severity


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a file. Lines and columns count from 1, columns in characters; the end is the character behind."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """Shell or SQL text in a file.

    ``marks`` say where it comes from: (offset in ``text``, line, column in the file), ascending, the first at offset 0;
    between two marks text and file run alike. ``kind`` is the kind of file (``shell``, ``make``, ``dockerfile``,
    ``workflow``, …; SQL is what a file of kind ``sql`` holds). ``before`` is shell text that holds when it starts
    (``set -e`` of a workflow's shell).
    """

    path: str
    kind: str
    text: str
    marks: Sequence[tuple[int, int, int]]
    before: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding in a file. ``source`` is the line of the file that it stands in; ``part`` the command, readable.

    ``by`` is the command that reads the text in which it stands, where that begins on another line.
    """

    place: Place
    rule: str
    severity: Severity
    title: str
    target: str
    loses: str
    reversible: str
    instead: str
    source: str
    part: str
    kind: str
    by: Place | None = None

    def touches(self, first: int, last: int) -> bool:
        """Whether it, or the command that leads to it, stands in one of these lines."""
        places = (self.place,) if self.by is None else (self.place, self.by)
        return any(place.line <= last and first <= place.end_line for place in places)


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read: a whole file, or a piece of one. The rest of the file is scanned all the same.

    ``foreign``: it is in another language, so nothing is wrong with it.
    """

    place: Place
    message: str
    foreign: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is about the file and no place in it."""
        return self.place.end_line == self.place.line and self.place.end_column == self.place.column


@dataclass(slots=True)
class Report:
    """A whole scan. ``silenced`` counts what an ignore comment, the baseline or the configuration took out,
    ``excluded`` the files and directories that the configuration left out."""

    hits: list[Hit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: int = 0
    silenced: int = 0
    seconds: float = 0.0
    excluded: int = 0


@dataclass(frozen=True, slots=True)
class FileResult:
    """What a scan found in one file.

    ``text`` is the file as it was read, line ends as ``\\n``; "" where it was not, or where nothing was found and no
    comment in it can be for us.
    """

    path: str
    hits: tuple[Hit, ...] = ()
    problems: tuple[Problem, ...] = ()
    text: str = ""
