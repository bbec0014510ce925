"""justfiles: the lines of every recipe; a recipe with a ``#!`` line is one script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.scan.building import BRACES, filled, shell_of
from agentguard.scan.files import interpreter
from agentguard.scan.foreign import foreign
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Built, Lines

KIND = "just"
_RECIPE = re.compile(r"@?[A-Za-z_][\w-]*(?:[ \t]+[^:\n]*)?:(?!=)")
_BACKTICKS = re.compile(r"```(.*?)```|`([^`\n]*)`", re.DOTALL)
_SCRIPT = re.compile(r"\[[^\]]*\bscript\b(?:[(:][ \t]*[\"']([^\"']*)[\"'])?")
_PREFIX = re.compile(r"[@-]*")


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    setting = re.search(r"^set\s+shell\s*:=\s*\[([^\]]*)\]", lines.text, re.MULTILINE)
    shell = " ".join(re.findall(r"[\"']([^\"']*)[\"']", setting[1])) if setting is not None else "sh -u -c"
    number, count = 1, len(lines.starts)
    script: str | None = None
    while number <= count:
        line = lines.line(number)
        if (attribute := _SCRIPT.match(line)) is not None:
            script = attribute[1] or "sh -eu"
        yield from _backticks(path, lines, number, shell)
        number += 1
        if not _RECIPE.match(line):
            continue
        first = number
        while number <= count and (not lines.line(number).strip() or lines.line(number)[0] in " \t"):
            number += 1
        yield from _recipe(path, lines, range(first, number), shell, script)
        script = None


def _backticks(path: str, lines: Lines, number: int, shell: str) -> Iterator[Fragment | Problem]:
    """The commands between backticks in assignments and defaults."""
    line = lines.line(number)
    if line.startswith("#") or "`" not in line or ":" not in line:
        return
    at = lines.starts[number - 1]
    end = lines.text.find("```", at + line.index("```") + 3) + 3 if "```" in line else at + len(line)
    for found in _BACKTICKS.finditer(lines.text, at, max(end, at + len(line))):
        built = Built(lines)
        start, stop = found.span(1) if found[1] is not None else found.span(2)
        built.add(start, stop)
        yield from _run(path, built, shell)


def _recipe(path: str, lines: Lines, numbers: range, shell: str, script: str | None) -> Iterator[Fragment | Problem]:
    filled_lines = [number for number in numbers if lines.line(number).strip()]
    if not filled_lines:
        return
    first = lines.line(filled_lines[0])
    indent = len(first) - len(first.lstrip(" \t"))
    if first.lstrip().startswith("#!") or script is not None:
        yield from _run(path, _built(lines, list(numbers), indent), interpreter(first.strip().encode()) or script or "")
        return
    waiting: list[int] = []
    for number in filled_lines:
        waiting.append(number)
        if not lines.line(number).endswith("\\"):
            yield from _run(path, _built(lines, waiting, indent, prefixed=True), shell)
            waiting = []
    if waiting:
        yield from _run(path, _built(lines, waiting, indent, prefixed=True), shell)


def _run(path: str, built: Built, shell: str) -> Iterator[Fragment | Problem]:
    readable, options = shell_of(shell)
    if readable:
        yield Fragment(path, KIND, filled(built.text, BRACES), built.marks, options)
    elif built.text.strip():
        plain = BRACES.sub(lambda found: re.sub(r"[^\n]", "_", found[0]), built.text)
        yield from foreign(path, KIND, shell, plain, built.marks)


def _built(lines: Lines, numbers: list[int], indent: int, *, prefixed: bool = False) -> Built:
    built = Built(lines)
    for index, number in enumerate(numbers):
        line, start = lines.line(number), lines.starts[number - 1]
        skip = min(indent, len(line) - len(line.lstrip(" \t")))
        if prefixed and index == 0 and (prefix := _PREFIX.match(line, skip)) is not None:
            skip = prefix.end()
        built.add(start + skip, start + len(line))
        built.put("\n", start + len(line))
    return built
