"""Makefiles: the recipe lines of every rule as the shell gets them, variables filled in as far as they are known."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from agentguard.light import dataclass, field
from agentguard.scan import files
from agentguard.scan.building import joined, shell_of
from agentguard.scan.decoding import text_of
from agentguard.scan.model import Fragment
from agentguard.scan.places import Lines, Piece

KIND = "make"
_ASSIGNMENT = re.compile(
    r"[ \t]*(?:(?:override|export|private)[ \t]+)*([\w.\-]+)[ \t]*(\?|:{1,3}|\+|!)?=[ \t]*(.*)", re.DOTALL
)
_DEFINE = re.compile(r"[ \t]*(?:override[ \t]+)?define[ \t]+(\S+)")
_CHECKED = re.compile(r"[ \t]*(?:else[ \t]+)?if(?:n?def|n?eq)\b(.*)")
_INCLUDE = re.compile(r"[ \t]*[-s]?include[ \t]+(.*)")
_DIRECTIVE = re.compile(r"[ \t]*(?:if(?:n?eq|n?def)|else|endif|endef|[-s]?include|vpath|undefine|unexport|export)\b")
_REFERENCE = re.compile(r"\$(?:\$|\(|\{|.)", re.DOTALL)
#: What a program of make's own is called in a shell, and names that make always knows.
_BUILT_IN = {"RM": "rm -f", "MAKE": "make", "CC": "cc", "CXX": "c++", "AR": "ar", "CURDIR": ".", "SHELL": "sh"}
#: What nobody knows and nobody leaves empty by mistake.
_SOMETHING = "${__}"
_DEPTH = 12
_INCLUDED = 20


@dataclass(slots=True)
class _Makefile:
    """``variables`` as written, ``checked`` are those that a condition asks about. ``whole``: everything was read."""

    variables: dict[str, str] = field(default_factory=dict)
    checked: set[str] = field(default_factory=set)
    whole: bool = True
    oneshell: bool = False

    def text(self, name: str, depth: int) -> str:
        """What a reference stands for in shell text."""
        if depth > _DEPTH:
            return _SOMETHING
        if name in self.variables:
            if name in self.checked and not self.variables[name].strip():
                return _SOMETHING
            return self.expanded(self.variables[name], depth + 1)
        if name in _BUILT_IN:
            return _BUILT_IN[name]
        if name == "DESTDIR" or not self.whole or name in self.checked or not re.fullmatch(r"[A-Za-z_]\w*", name):
            return _SOMETHING  # empty on purpose, or set elsewhere
        return "${" + name + "}"

    def expanded(self, text: str, depth: int = 0) -> str:
        return "".join(piece for piece, _ in self.pieces(text, 0, {}, depth))

    def pieces(self, text: str, at: int, automatic: Mapping[str, str], depth: int = 0) -> Iterator[Piece]:
        """Text of a recipe in pieces; ``at`` is where it stands in the file."""
        done = 0
        for found in _REFERENCE.finditer(text):
            if found.start() < done:
                continue
            if found.start() > done:
                yield text[done : found.start()], at + done
            sign = found[0][1:]
            done = found.end()
            if sign == "$":
                yield "$", at + found.start()
                continue
            inner = sign
            if sign in ("(", "{"):
                end = _closing(text, found.end(), sign)
                inner, done = text[found.end() : end], min(end + 1, len(text))
            yield self._reference(inner, automatic, depth), at + found.start()
        if done < len(text):
            yield text[done:], at + done

    def _reference(self, inner: str, automatic: Mapping[str, str], depth: int) -> str:
        if inner[:1] in automatic and inner[1:] in ("", "D", "F"):
            return automatic[inner[:1]]
        name, blank, rest = inner.partition(" ")
        if blank and name == "shell" and depth < _DEPTH:
            return f"$({self.expanded(rest, depth + 1)})"
        if blank or ":" in inner or "$" in inner or "," in inner:
            return _SOMETHING
        return self.text(inner, depth)


def _closing(text: str, start: int, opening: str) -> int:
    closing = ")" if opening == "(" else "}"
    depth = 1
    for index in range(start, len(text)):
        depth += (text[index] == opening) - (text[index] == closing)
        if not depth:
            return index
    return len(text)


def fragments(path: str, lines: Lines) -> Iterator[Fragment]:
    made = _Makefile()
    _read(made, lines.text, os.path.dirname(path), [0])
    readable, prepared = shell_of(f"{made.expanded(made.variables.get('SHELL', 'sh'))} "
                                  f"{made.expanded(made.variables.get('.SHELLFLAGS', ''))}")  # fmt: skip
    if not readable:
        return
    for target, rows in _recipes(lines):
        automatic = _automatic(made, target)
        logical = list(_logical(lines, rows))
        texts = [list(_line(made, lines, numbers, automatic)) for numbers in logical]
        if made.oneshell and texts:
            yield Fragment(path, KIND, *joined(lines, texts), prepared)
            continue
        for text in texts:
            if any(piece.strip() for piece, _ in text):
                yield Fragment(path, KIND, *joined(lines, [text]), prepared)


def _automatic(made: _Makefile, target: str) -> dict[str, str]:
    """``$@``, ``$<``…: names of files, never empty."""
    names = made.expanded(target.partition(":")[0]).split()
    own = names[0] if len(names) == 1 and re.fullmatch(r"[\w./-]+", names[0]) else _SOMETHING
    return {**dict.fromkeys("<^?+*|", _SOMETHING), "@": own}


# ------------------------------------------------------------------------------------------- variables


def _read(made: _Makefile, text: str, directory: str, budget: list[int]) -> None:
    """The variables of a makefile and of those that it includes, conditions taken either way."""
    defining = ""
    for line in re.split(r"(?<!\\)\n", text):
        if defining:
            if line.strip() == "endef":
                defining = ""
            else:
                made.variables[defining] += line + "\n"
        elif line.startswith("\t"):
            continue
        elif (start := _DEFINE.match(line)) is not None:
            defining = start[1]
            made.variables[defining] = ""
        elif (checked := _CHECKED.match(line)) is not None:
            made.checked.update(re.findall(r"[A-Za-z_]\w*", checked[1]))
        elif (include := _INCLUDE.match(line)) is not None:
            _include(made, include[1], directory, budget)
        elif line.startswith(".ONESHELL"):
            made.oneshell = True
        else:
            _assign(made, line.partition(" #")[0].replace("\\\n", " "))


def _assign(made: _Makefile, line: str) -> None:
    found = _ASSIGNMENT.fullmatch(line)
    if found is None:
        return
    name, how, value = found[1], found[2] or "", found[3].strip()
    if how == "!":
        value = f"$(shell {value})"
    if how == "?" and name in made.variables:
        return
    if how == "+":
        value = f"{made.variables.get(name, '')} {value}".strip()
    elif how.startswith(":"):
        value = value.replace(f"$({name})", made.variables.get(name, "")) if name in value else value
    made.variables[name] = value


def _include(made: _Makefile, names: str, directory: str, budget: list[int]) -> None:
    for name in made.expanded(names).split():
        budget[0] += 1
        path = os.path.join(directory, name)
        data = files.load(path) if budget[0] <= _INCLUDED and "$" not in name and not os.path.isabs(name) else None
        if data is None and os.path.isfile(path) and budget[0] <= _INCLUDED and os.path.getsize(path) < files.LARGEST:
            with open(path, "rb") as file:
                data = file.read(files.LARGEST)
        text = text_of(data) if isinstance(data, bytes) else None
        if text is None:
            made.whole = False
        else:
            _read(made, text, directory, budget)


# --------------------------------------------------------------------------------------------- recipes


def _recipes(lines: Lines) -> Iterator[tuple[str, list[int]]]:
    """Each rule's head with the numbers of its recipe lines."""
    target, rows = "", list[int]()
    number, count = 1, len(lines.starts)
    defining = False
    while number <= count:
        line = lines.line(number)
        if defining or _DEFINE.match(line):
            defining = line.strip() != "endef"
        elif line.startswith("\t"):
            if target:
                rows.append(number)
                while lines.line(number).endswith("\\") and number < count:
                    number += 1
                    rows.append(number)
        elif line.strip() and not line.lstrip().startswith("#") and not _DIRECTIVE.match(line):
            if rows:
                yield target, rows
            while lines.line(number).endswith("\\") and number < count:
                number += 1
                line = line[:-1] + " " + lines.line(number)
            target, rows = ("" if _ASSIGNMENT.fullmatch(line) else line), []
        number += 1
    if rows:
        yield target, rows


def _logical(lines: Lines, rows: Sequence[int]) -> Iterator[list[int]]:
    """The lines of a recipe, those joined by a backslash together."""
    waiting: list[int] = []
    for number in rows:
        waiting.append(number)
        if not lines.line(number).endswith("\\"):
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _line(made: _Makefile, lines: Lines, numbers: list[int], automatic: Mapping[str, str]) -> Iterator[Piece]:
    """One line for the shell: without the tabs and the signs ``@-+`` in front."""
    for index, number in enumerate(numbers):
        line, at = lines.line(number), lines.starts[number - 1]
        skip = 1 if line.startswith("\t") else 0
        if index == 0:
            skip = len(line) - len(line.lstrip("\t @-+"))
        yield from made.pieces(line[skip:], at + skip, automatic)
        if index < len(numbers) - 1:
            yield "\n", at + len(line)
