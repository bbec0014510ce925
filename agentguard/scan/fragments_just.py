"""justfiles: the lines of every recipe; a recipe with a ``#!`` line is one script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.scan.building import BRACES, filled
from agentguard.scan.files import SHELLS, interpreter
from agentguard.scan.model import Fragment
from agentguard.scan.places import Built, Lines

KIND = "just"
_RECIPE = re.compile(r"@?[A-Za-z_][\w-]*(?:[ \t]+[^:\n]*)?:(?!=)")
_PREFIX = re.compile(r"[@-]*")


def fragments(path: str, lines: Lines) -> Iterator[Fragment]:
    shell = re.search(r"^set\s+shell\s*:=\s*\[\s*[\"']([^\"']+)[\"']", lines.text, re.MULTILINE)
    readable = shell is None or shell[1].rsplit("/", 1)[-1] in SHELLS
    options = "set -u" if shell is None else ""  # what just gives to sh where no shell is set
    number, count = 1, len(lines.starts)
    while number <= count:
        if not _RECIPE.match(lines.line(number)):
            number += 1
            continue
        first = number = number + 1
        while number <= count and (not lines.line(number).strip() or lines.line(number)[0] in " \t"):
            number += 1
        yield from _recipe(path, lines, range(first, number), readable, options)


def _recipe(path: str, lines: Lines, numbers: range, readable: bool, options: str) -> Iterator[Fragment]:
    filled_lines = [number for number in numbers if lines.line(number).strip()]
    if not filled_lines:
        return
    first = lines.line(filled_lines[0])
    indent = len(first) - len(first.lstrip(" \t"))
    if first.lstrip().startswith("#!"):
        if interpreter(first.strip().encode()) in SHELLS:
            yield _built(path, lines, list(numbers), indent, "")
        return
    if not readable:
        return
    waiting: list[int] = []
    for number in filled_lines:
        waiting.append(number)
        if not lines.line(number).endswith("\\"):
            yield _built(path, lines, waiting, indent, options, prefixed=True)
            waiting = []
    if waiting:
        yield _built(path, lines, waiting, indent, options, prefixed=True)


def _built(
    path: str, lines: Lines, numbers: list[int], indent: int, options: str, *, prefixed: bool = False
) -> Fragment:
    built = Built(lines)
    for index, number in enumerate(numbers):
        line, start = lines.line(number), lines.starts[number - 1]
        skip = min(indent, len(line) - len(line.lstrip(" \t")))
        if prefixed and index == 0 and (prefix := _PREFIX.match(line, skip)) is not None:
            skip = prefix.end()
        built.add(start + skip, start + len(line))
        built.put("\n", start + len(line))
    return Fragment(path, KIND, filled(built.text, BRACES), built.marks, options)
