"""The pieces of shell and SQL in a file of a kind: the one table of readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib import import_module

from agentguard.scan.model import Fragment, Place, Problem
from agentguard.scan.places import Lines

Found = Iterable[Fragment | Problem]
Reader = Callable[[str, Lines], Found]

#: kind → the module (below this package) whose ``fragments(path, lines)`` reads it.
_READERS = {
    "make": "fragments_make", "dockerfile": "fragments_docker", "workflow": "fragments_workflow",
    "gitlab": "fragments_gitlab", "compose": "fragments_compose", "package": "fragments_package",
    "just": "fragments_just", "task": "fragments_task", "markdown": "fragments_markdown",
}  # fmt: skip


def fragments(kind: str, path: str, lines: Lines) -> Found:
    """What is in a file, in order: fragments, and problems where a piece could not be read."""
    if kind == "shell":
        return [whole(path, kind, lines)]
    if kind == "sql":
        return sql(path, lines, 0, len(lines.text))
    reader: Reader = import_module(f"agentguard.scan.{_READERS[kind]}").fragments
    return reader(path, lines)


#: What a client of a database hands to a shell: psql, sqlite3.
_ESCAPE_TO_SHELL = re.compile(r"^[ \t]*(?:\\!|\.(?:shell|system)\b)[ \t]*([^\n]*)", re.MULTILINE)


def sql(path: str, lines: Lines, start: int, end: int) -> list[Fragment | Problem]:
    """A stretch of SQL, and the shell commands in it."""
    found: list[Fragment | Problem] = [Fragment(path, "sql", lines.text[start:end], lines.marks(start, end))]
    for line in _ESCAPE_TO_SHELL.finditer(lines.text, start, end):
        if line[1].strip():
            found.append(Fragment(path, "shell", line[1], lines.marks(*line.span(1))))
    return found


def whole(path: str, kind: str, lines: Lines) -> Fragment:
    """A file that is a shell script itself."""
    return Fragment(path, kind, _plain_shell(path, lines.text), lines.marks(0, len(lines.text)))


_BATS = re.compile(r"^(\s*)@test\s+(?:\"[^\"\n]*\"|'[^'\n]*')\s*\{", re.MULTILINE)


def _plain_shell(path: str, text: str) -> str:
    """Tests of bats as functions, at the same length."""
    if not path.endswith(".bats"):
        return text
    return _BATS.sub(lambda m: m[1] + ("t" * (len(m[0]) - len(m[1]) - 3)) + "(){" if len(m[0]) > 8 else m[0], text)


def trouble(path: str, lines: Lines, offset: int, message: str) -> Problem:
    """A problem at one place of a file."""
    line, column = lines.at(min(offset, len(lines.text)))
    return Problem(Place(path, line, column, line, column + 1), message)
