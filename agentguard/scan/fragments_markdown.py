"""Markdown: the fenced blocks of shell text and SQL, and what follows the prompt in recorded sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.scan.fragments import sql
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Built, Lines

KIND = "markdown"
_FENCE = re.compile(r"([ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(`{3,}(?![^\n]*`)|~{3,})[ \t]*\{?\.?([\w+-]*)")
_SHELLS = frozenset(("sh", "bash", "shell", "ksh"))
_SESSIONS = frozenset(("console", "shell-session", "sh-session", "shellsession", "terminal"))
_SQL = frozenset(("sql", "postgresql", "pgsql", "mysql", "plpgsql", "psql"))
_PROMPT = re.compile(r"\s*(?:\([\w.-]+\)\s*)?(?:[\w.-]+@[\w.-]+[^$#\n]*)?[$#] ")


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    number = 1
    count = len(lines.starts)
    while number <= count:
        fence = _FENCE.match(lines.line(number))
        number += 1
        if fence is None:
            continue
        first = number
        while number <= count and not _closes(lines.line(number), fence[2]):
            number += 1
        language = fence[3].lower()
        if language in _SHELLS or language in _SESSIONS:
            yield from _block(path, lines, range(first, number), len(fence[1]), language in _SESSIONS)
        elif language in _SQL and first < number:
            end = lines.starts[number - 1] if number <= count else len(lines.text)
            yield from sql(path, lines, lines.starts[first - 1], end)
        number += 1


def _closes(line: str, fence: str) -> bool:
    plain = line.strip(" \t>")
    return len(plain) >= len(fence) and plain == fence[0] * len(plain)


def _block(path: str, lines: Lines, numbers: range, indent: int, session: bool) -> Iterator[Fragment]:
    built = Built(lines)
    session = session or any(lines.line(number).lstrip().startswith("$ ") for number in numbers)
    going_on = False
    for number in numbers:
        line, start = lines.line(number), lines.starts[number - 1]
        skip = min(indent, len(line) - len(line.lstrip(" \t>")))
        if session and not going_on:
            prompt = _PROMPT.match(line)
            if prompt is None:
                continue
            skip = prompt.end()
        elif session and line.lstrip().startswith("> "):
            skip = line.index("> ") + 2
        built.add(start + skip, start + len(line))
        built.put("\n", start + len(line))
        going_on = line.endswith("\\")
    if built.text.strip():
        yield Fragment(path, KIND, built.text, built.marks)
