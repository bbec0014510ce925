"""The parts of a makefile with their places: assignments, rules with their recipe lines, what reading it runs.

Nothing is expanded, and of a condition both branches are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard import regex
from agentguard.light import dataclass, field

_ASSIGNMENT = regex.compile(
    r"(?:(?:override|export|private)[ \t]+)*([\w.\-/]+)[ \t]*(\?|:{1,3}|\+|!)?=[ \t]*(.*)", re.DOTALL
)
_DEFINE = regex.compile(r"(?:(?:override|export)[ \t]+)*define[ \t]+(\S+)[ \t]*(\+|\?|:{1,3})?=?[ \t]*$")
_CONDITION = regex.compile(r"(?:else[ \t]+)?if(n?def|n?eq)\b(.*)", re.DOTALL)
_INCLUDE = regex.compile(r"(?:-|s)?include[ \t]+(.*)", re.DOTALL)
_IDLE = regex.compile(r"(?:else|endif|vpath|undefine|unexport|export|load)\b(?![ \t]*[:=])")
_COMMENT = regex.compile(r"(?:^|(?<=[ \t]))#")
_CONTINUED = regex.compile(r"[ \t]*\\\n[ \t]*")


@dataclass(slots=True)
class Assignment:
    """``how`` is what stands before the ``=``. ``start`` is the offset of ``written``, the value with its line ends.

    ``targets`` are those that alone have the variable, "" where all have. ``body``: by ``define``.
    """

    name: str
    how: str
    written: str
    start: int
    targets: str = ""
    body: bool = False

    @property
    def value(self) -> str:
        """The value in one line; that of ``define`` as it stands."""
        return self.written if self.body else _CONTINUED.sub(" ", self.written).strip()


@dataclass(slots=True)
class Rule:
    """``recipe`` are its lines with their offsets: without what marks them, with backslashes and line ends."""

    targets: str
    prerequisites: str
    recipe: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class Other:
    """``kind`` is ``include`` (``text`` names the files), ``condition`` (what it looks at) or ``function``, which is
    expanded when the makefile is read."""

    kind: str
    text: str
    start: int


Part = Assignment | Rule | Other


def parts(text: str) -> list[Part]:
    """The parts in order."""
    return list(_Reader(text).parts())


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.prefix = "\t"
        self.rule: Rule | None = None

    def parts(self) -> Iterator[Part]:
        rows = self._rows()
        for start, end in rows:
            line = self.text[start:end]
            if line.startswith(self.prefix) and self.rule is not None:
                self.rule.recipe.append((line[1:], start + 1))
                continue
            skipped = len(line) - len(line.lstrip(" \t"))
            line, start = line[skipped:], start + skipped
            if not line or line.startswith("#"):
                continue
            define = _DEFINE.match(line)
            if define is not None:
                yield self._defined(define[1], define[2] or "", rows, end)
                continue
            yield from self._line(line, start)

    def _rows(self) -> Iterator[tuple[int, int]]:
        """The lines, those that end in a backslash with the next."""
        start, length = 0, len(self.text)
        while start <= length:
            end = start
            while True:
                end = self.text.find("\n", end)
                end = length if end < 0 else end
                last = end
                while last > start and self.text[last - 1] == "\\":
                    last -= 1
                if (end - last) % 2 == 0 or end == length:
                    break
                end += 1
            yield start, end
            start = end + 1

    def _defined(self, name: str, how: str, rows: Iterator[tuple[int, int]], end: int) -> Assignment:
        start = last = end + 1
        depth = 1
        for begins, ends in rows:
            words = self.text[begins:ends].split(None, 1)
            depth += (words[:1] == ["define"]) - (words[:1] == ["endef"])
            if not depth:
                break
            last = ends
        self.rule = None
        return Assignment(name, how, self.text[start:last], start, body=True)

    def _line(self, line: str, start: int) -> Iterator[Part]:
        if (condition := _CONDITION.match(line)) is not None:
            yield Other("condition", condition[2], start)
        elif (include := _INCLUDE.match(line)) is not None:
            yield Other("include", _CONTINUED.sub(" ", _plain(include[1])), start)
        elif (assignment := _ASSIGNMENT.fullmatch(line)) is not None:
            self.rule = None
            yield self._assigned(assignment[1], assignment[2] or "", assignment[3], start + assignment.start(3))
        elif _IDLE.match(line) is None:
            yield from self._rule(line, start)

    def _assigned(self, name: str, how: str, value: str, start: int, targets: str = "") -> Assignment:
        written = _plain(value)
        if name == ".RECIPEPREFIX" and not targets:
            self.prefix = written.strip()[:1] or "\t"
        return Assignment(name, how, written.rstrip(), start, targets)

    def _rule(self, line: str, start: int) -> Iterator[Part]:
        colon = _outside(line, ":", 0)
        head = _plain(line)
        if colon < 0 or colon > len(head):
            if "$" in head:
                yield Other("function", head, start)
            return
        rest = colon + (2 if line.startswith("::", colon) else 1)
        semicolon = _outside(line, ";", rest)
        end = len(head) if semicolon < 0 or semicolon > len(head) else semicolon
        prerequisites = line[rest:end]
        shift = len(prerequisites) - len(prerequisites.lstrip())
        assignment = _ASSIGNMENT.fullmatch(line[rest + shift :])
        targets = _CONTINUED.sub(" ", line[:colon]).strip().removesuffix("&")
        if assignment is not None:
            at = rest + shift + assignment.start(3)
            yield self._assigned(assignment[1], assignment[2] or "", assignment[3], start + at, targets)
            return
        self.rule = Rule(targets, _CONTINUED.sub(" ", prerequisites).strip())
        if 0 <= semicolon == end:
            recipe = line[semicolon + 1 :]
            blank = len(recipe) - len(recipe.lstrip())
            if recipe.strip():
                self.rule.recipe.append((recipe[blank:], start + semicolon + 1 + blank))
        yield self.rule


def _plain(text: str) -> str:
    """The text before a comment."""
    found = _COMMENT.search(text)
    return text if found is None else text[: found.start()]


def _outside(text: str, sign: str, start: int) -> int:
    """The offset of a sign that stands outside of references, -1 without one."""
    closing: list[str] = []
    for index in range(start, len(text)):
        c = text[index]
        if closing:
            if c == closing[-1]:
                closing.pop()
            elif c in "({":
                closing.append(")" if c == "(" else "}")
        elif c in "({" and text[index - 1 : index] == "$":
            closing.append(")" if c == "(" else "}")
        elif c == sign:
            return index
    return -1
