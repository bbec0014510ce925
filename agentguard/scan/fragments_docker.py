"""Dockerfiles: RUN, CMD, ENTRYPOINT and HEALTHCHECK, in shell form, exec form and as here-documents; scripts that COPY
and ADD write."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from agentguard.light import dataclass
from agentguard.scan.building import joined, shell_of, words
from agentguard.scan.files import SHELLS, interpreter
from agentguard.scan.foreign import foreign
from agentguard.scan.fragments import trouble
from agentguard.scan.json_texts import NotJson, texts
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Built, Lines, position

KIND = "dockerfile"
_ESCAPE = re.compile(r"(?:#[ \t]*\w+[ \t]*=[^\n]*\n)*#[ \t]*escape[ \t]*=[ \t]*([\\`])[ \t]*(?:\n|$)", re.IGNORECASE)
_INSTRUCTION = re.compile(r"[ \t]*(?:ONBUILD[ \t]+)?([A-Za-z]+)(?:[ \t]+|(?=[\\`]?$))", re.IGNORECASE)
_RUN = frozenset(("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"))
_DOCUMENT = re.compile(r"(?<![<\w])<<(-?)(?:\"(\w+)\"|'(\w+)'|(\w+))")
_FLAGS = re.compile(r"(?:(?:\s|[\\`]\n)*--[\w-]+(?:=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'])*)?)*(?:\s|[\\`]\n)*")
_FROM = re.compile(r"(?:\s*--\S+)*\s*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_WINDOWS = re.compile(r"windows|nanoserver")
#: What reads the shell form.
_SHELL = "/bin/sh -c"
#: A test in shell form, which begins as a list of words does.
_TEST = re.compile(r"\[\[?\s+[^\",\]]")


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    found = _ESCAPE.match(lines.text)
    escape = found[1] if found is not None else "\\"
    number, count = 1, len(lines.starts)
    stage, shells = "", {"": _SHELL}
    endless: set[str] = set()
    while number <= count:
        line = lines.line(number)
        instruction = _INSTRUCTION.match(line)
        if instruction is None or line.lstrip().startswith("#"):
            number += 1
            continue
        name = instruction[1].upper()
        built, number = _logical(lines, number, instruction.end(), escape)
        bodies: list[_Document] = []
        if name in ("RUN", "COPY", "ADD"):
            bodies, number, unclosed = _documents(lines, built.text, number, endless)
            if unclosed and unclosed not in endless:
                endless.add(unclosed)
                said = f"the here-document {unclosed.lstrip('-')} is not closed"
                yield trouble(path, lines, _offset(built, lines, 0), said)
        if name == "FROM":
            stage = _stage(built.text, shells)
        elif name == "SHELL":
            shells[stage] = _shell(built.text)
        elif name in _RUN:
            yield from _command(path, lines, name, built, bodies, shells[stage])
        else:
            for body in bodies:
                yield from _script(path, lines, body, "", copied=True)


def _stage(text: str, shells: dict[str, str]) -> str:
    """The name of a new stage; its shell is that of the stage or image that it starts from."""
    found = _FROM.match(text)
    image, name = (found[1].lower(), (found[2] or "").lower()) if found is not None else ("", "")
    shells[name] = shells[image] if image and image in shells else "cmd" if _WINDOWS.search(image) else _SHELL
    return name


def _shell(text: str) -> str:
    try:
        return " ".join(item.value for item in texts(text))
    except NotJson:
        return ""  # no image is built from this file


class _Text(Built):
    """A logical line. ``last`` is the offset in the file where it ends."""

    last = 0


@dataclass(frozen=True, slots=True)
class _Document:
    """A here-document: the numbers of its lines; tabs in front are taken off where ``tabs`` says so."""

    lines: range
    tabs: bool


def _logical(lines: Lines, number: int, skip: int, escape: str) -> tuple[_Text, int]:
    """An instruction with the lines that continue it, comments between them left out; the number of the next line.

    Whatever the escape character is, the text has a backslash in its place.
    """
    built = _Text(lines)
    count = len(lines.starts)
    while number <= count:
        line, start = lines.line(number), lines.starts[number - 1]
        comment = skip == 0 and (not line.strip() or line.lstrip().startswith("#"))
        bare = line.rstrip(" \t")
        goes_on = bare.endswith(escape)
        if not comment:
            end = len(bare) - 1 if goes_on else len(line)
            built.add(start + skip, start + end)
            if goes_on:
                built.put("\\\n", start + end)
            built.last = start + len(line)
        number += 1
        skip = 0
        if not comment and not goes_on:
            break
    return built, number


def _documents(lines: Lines, text: str, number: int, endless: Collection[str]) -> tuple[list[_Document], int, str]:
    """The here-documents of an instruction, the number of the line behind them, and the word of one without an end."""
    found: list[_Document] = []
    for document in _DOCUMENT.finditer(text):
        word = document[2] or document[3] or document[4]
        first = number
        if document[1] + word in endless:  # looked for before, to the end
            return found, first, document[1] + word
        while number <= len(lines.starts):
            line = lines.line(number)
            number += 1
            if (line.lstrip("\t") if document[1] else line) == word:
                break
        else:
            return found, first, document[1] + word
        found.append(_Document(range(first, number - 1), bool(document[1])))
    return found, number, ""


def _command(
    path: str, lines: Lines, name: str, built: _Text, bodies: Sequence[_Document], shell: str
) -> Iterator[Fragment | Problem]:
    text = built.text
    flags = _FLAGS.match(text)
    skip = flags.end() if flags is not None else 0
    if name == "HEALTHCHECK":
        inner = re.match(r"(?:\\\n|\s)*(CMD|NONE)\b\s*", text[skip:], re.IGNORECASE)
        if inner is None or inner[1].upper() == "NONE":
            return
        skip += inner.end()
    rest = text[skip:]
    if rest.startswith("[") and not _TEST.match(rest):
        try:
            parts = [item.pieces for item in texts(lines.text, _offset(built, lines, skip), built.last)]
        except NotJson as error:
            yield trouble(path, lines, error.at, "this looks like a list of words but is no JSON")
        else:
            yield Fragment(path, KIND, *joined(lines, words(parts), " "))
            return
    readable, prepared = shell_of(shell)
    if bodies and _DOCUMENT.fullmatch(rest.strip()) is not None:
        yield from _script(path, lines, bodies[0], shell)
        return
    for body in bodies:
        built.put("\n", built.last)
        for number in range(body.lines.start, body.lines.stop + 1):
            at = lines.starts[number - 1]
            built.add(at, at + len(lines.line(number)))
            built.put("\n", at + len(lines.line(number)))
    # the flags are blanked, so that places stay
    whole = " " * skip + built.text[skip:]
    if readable:
        yield Fragment(path, KIND, whole, built.marks, prepared)
    else:
        yield from foreign(path, KIND, shell, whole.lstrip(" "), _behind(built.marks, whole))


def _behind(marks: Sequence[tuple[int, int, int]], text: str) -> list[tuple[int, int, int]]:
    """The marks of a text without the blanks in front of it."""
    blanks = len(text) - len(text.lstrip(" "))
    return [(0, *position(marks, blanks)), *((at - blanks, row, column) for at, row, column in marks if at > blanks)]


def _script(
    path: str, lines: Lines, body: _Document, shell: str, *, copied: bool = False
) -> Iterator[Fragment | Problem]:
    """A body that is a script for ``shell``, or for what its ``#!`` line names; one that is ``copied`` is no script
    without such a line."""
    built = Built(lines)
    for number in body.lines:
        line, at = lines.line(number), lines.starts[number - 1]
        built.add(at + (len(line) - len(line.lstrip("\t")) if body.tabs else 0), at + len(line))
        built.put("\n", at + len(line))
    program = interpreter(built.text[:200].encode("utf-8", "replace"))
    readable, prepared = shell_of(shell)
    if not built.text.strip() or (copied and not program):
        return
    if program in SHELLS or (not program and readable):
        yield Fragment(path, KIND, built.text, built.marks, prepared)
    else:
        yield from foreign(path, KIND, program or shell, built.text, built.marks)


def _offset(built: Built, lines: Lines, at: int) -> int:
    line, column = position(built.marks, at)
    return lines.starts[line - 1] + column - 1
