"""Dockerfiles: RUN, CMD, ENTRYPOINT and HEALTHCHECK, in shell form, exec form and as here-documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.scan.building import joined, shell_of, words
from agentguard.scan.files import SHELLS, interpreter
from agentguard.scan.fragments import trouble
from agentguard.scan.json_texts import NotJson, texts
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Built, Lines, position

KIND = "dockerfile"
_INSTRUCTION = re.compile(r"[ \t]*(?:ONBUILD[ \t]+)?([A-Za-z]+)(?:[ \t]+|(?=\\?$))", re.IGNORECASE)
_RUN = frozenset(("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"))
_DOCUMENT = re.compile(r"(?<![<\w])<<(-?)[ \t]*(?:\"(\w+)\"|'(\w+)'|(\w+))")
_FLAGS = re.compile(r"(?:[ \t]*--[\w-]+(?:=(?:\"[^\"\n]*\"|\S+))?)*[ \t]*")


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    if re.match(r"(?:#[^\n]*\n)*#[ \t]*escape[ \t]*=[ \t]*`", lines.text, re.IGNORECASE):
        return  # for Windows, whose shells are not read
    number, count = 1, len(lines.starts)
    readable, prepared = True, ""
    while number <= count:
        line = lines.line(number)
        found = _INSTRUCTION.match(line)
        if found is None or line.lstrip().startswith("#"):
            number += 1
            continue
        name = found[1].upper()
        built, number = _logical(lines, number, found.end())
        bodies: list[tuple[range, bool]] = []
        if name in ("RUN", "COPY", "ADD"):
            bodies, number = _documents(lines, built.text, number)
        if name == "FROM":
            readable, prepared = True, ""
        elif name == "SHELL":
            readable, prepared = _shell(built.text)
        elif name in _RUN:
            yield from _command(path, lines, name, built, bodies, readable, prepared)


def _shell(text: str) -> tuple[bool, str]:
    try:
        return shell_of(" ".join(item.value for item in texts(text)))
    except NotJson:
        return True, ""  # no image is built from this file


class _Text(Built):
    """A logical line. ``last`` is the offset in the file where it ends."""

    last = 0


def _logical(lines: Lines, number: int, skip: int) -> tuple[_Text, int]:
    """An instruction with the lines that continue it, comments between them left out; the number of the next line."""
    built = _Text(lines)
    count = len(lines.starts)
    while number <= count:
        line, start = lines.line(number), lines.starts[number - 1]
        comment = skip == 0 and (not line.strip() or line.lstrip().startswith("#"))
        if not comment:
            built.add(start + skip, start + len(line))
            built.last = start + len(line)
        number += 1
        skip = 0
        if not comment and not line.rstrip(" \t").endswith("\\"):
            break
        if not comment:
            built.put("\n", start + len(line))
    return built, number


def _documents(lines: Lines, text: str, number: int) -> tuple[list[tuple[range, bool]], int]:
    """The here-documents of an instruction as line numbers, and whether tabs in front are taken off."""
    found: list[tuple[range, bool]] = []
    for document in _DOCUMENT.finditer(text):
        word = document[2] or document[3] or document[4]
        first = number
        while number <= len(lines.starts):
            line = lines.line(number)
            number += 1
            if (line.lstrip("\t") if document[1] else line) == word:
                break
        else:
            return found, first  # never closed: no here-document then
        found.append((range(first, number - 1), bool(document[1])))
    return found, number


def _command(
    path: str, lines: Lines, name: str, built: _Text, bodies: list[tuple[range, bool]], readable: bool, prepared: str
) -> Iterator[Fragment | Problem]:  # fmt: skip
    text = built.text
    flags = _FLAGS.match(text)
    skip = flags.end() if flags is not None else 0
    if name == "HEALTHCHECK":
        inner = re.match(r"(?:\\\n|\s)*(CMD|NONE)\s*", text[skip:], re.IGNORECASE)
        if inner is None or inner[1].upper() == "NONE":
            return
        skip += inner.end()
    rest = text[skip:]
    if rest.lstrip().startswith("["):
        try:
            parts = [item.pieces for item in texts(lines.text, _offset(built, lines, skip), built.last)]
        except NotJson as error:
            if not re.match(r"\s*\[\[?\s", rest):
                yield trouble(path, lines, error.at, "this looks like a list of words but is no JSON")
                return
        else:
            yield Fragment(path, KIND, *joined(lines, words(parts), " "))
            return
    if not readable:
        return
    alone = _DOCUMENT.fullmatch(rest.strip())
    if bodies and alone is not None:
        yield from _script(path, lines, *bodies[0], prepared)
        return
    for body, _ in bodies:
        built.put("\n", built.last)
        for number in range(body.start, body.stop + 1):
            at = lines.starts[number - 1]
            built.add(at, at + len(lines.line(number)))
            built.put("\n", at + len(lines.line(number)))
    yield _from(path, built, skip, prepared)


def _script(path: str, lines: Lines, body: range, tabs: bool, prepared: str) -> Iterator[Fragment]:
    """``RUN <<EOF``: the body is a script for the shell, or for what its ``#!`` line names."""
    built = Built(lines)
    for number in body:
        line, at = lines.line(number), lines.starts[number - 1]
        built.add(at + (len(line) - len(line.lstrip("\t")) if tabs else 0), at + len(line))
        built.put("\n", at + len(line))
    program = interpreter(built.text[:200].encode("utf-8", "replace"))
    if built.text.strip() and (not program or program in SHELLS):
        yield Fragment(path, KIND, built.text, built.marks, prepared)


def _from(path: str, built: Built, skip: int, prepared: str) -> Fragment:
    """The text behind the flags of an instruction: they are blanked, so that places stay."""
    return Fragment(path, KIND, " " * skip + built.text[skip:], built.marks, prepared)


def _offset(built: Built, lines: Lines, at: int) -> int:
    line, column = position(built.marks, at)
    return lines.starts[line - 1] + column - 1
