"""Makefiles: the recipe lines of every rule as the shell gets them, variables filled in as far as they are known."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agentguard.light import dataclass, field
from agentguard.programs.make_syntax import Assignment, Other, Part, Rule, parts
from agentguard.scan import files
from agentguard.scan.building import joined, shell_of
from agentguard.scan.decoding import text_of
from agentguard.scan.foreign import foreign
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Lines, Piece

KIND = "make"
_REFERENCE = re.compile(r"\$(?:\$|\(|\{|.)", re.DOTALL)
_ALONE = re.compile(r"\$[({](?:([\w.\-]+)|call[ \t]+([\w.\-]+)(?:,.*)?)[)}]", re.DOTALL)
_SHELL = re.compile(r"\$([({])shell\s")
#: What a program of make's own is called in a shell, and names that make always knows.
_BUILT_IN = {"RM": "rm -f", "MAKE": "make", "CC": "cc", "CXX": "c++", "AR": "ar", "CURDIR": ".", "SHELL": "sh"}
#: What nobody knows and nobody leaves empty by mistake.
_SOMETHING = "${__}"
#: What can only begin a command.
_COMPOUND = re.compile(r"[ \t]+(?:if|for|while|until|case|set|cd|[({!]|\[\[?)(?=[ \t])")
_DEPTH = 12
_INCLUDED = 20
#: References of one file that are followed; one with a long value counts more.
_STEPS = 50_000


@dataclass(slots=True)
class _Makefile:
    """``variables`` as written, ``checked`` are those that a condition asks about. ``whole``: everything was read."""

    variables: dict[str, str] = field(default_factory=dict)
    checked: set[str] = field(default_factory=set)
    whole: bool = True
    oneshell: bool = False
    steps: int = 0

    def text(self, name: str, depth: int) -> str:
        """What a reference stands for in shell text."""
        self.steps += 1 + len(self.variables.get(name, "")) // 100
        if depth > _DEPTH or self.steps > _STEPS:
            return _SOMETHING
        if name in self.variables:
            if name in self.checked and not self.variables[name].strip():
                return _SOMETHING
            return self.expanded(self.variables[name], depth + 1)
        if name in _BUILT_IN:
            return _BUILT_IN[name]
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            return _SOMETHING
        elsewhere = name == "DESTDIR" or not self.whole or name in self.checked  # or empty on purpose
        return f"${{{'__' if elsewhere else ''}{name}}}"

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


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    made = _Makefile()
    found = parts(lines.text)
    _read(made, found, os.path.dirname(path), [0])
    shells = _Shells(made, found)
    recipes = [part for part in found if isinstance(part, Rule)]
    canned = _canned(found, recipes)
    for part in found:
        if isinstance(part, Rule):
            rows = [row for row in part.recipe if _reference(row[0]) not in canned]
            yield from _recipe(path, lines, made, rows, _automatic(made, part.targets), shells.of(part.targets))
        elif isinstance(part, Assignment) and part.name in canned and part.body:
            yield from _recipe(path, lines, made, _rows(part), _automatic(made, ""), shells.of(""))
        else:
            yield from _at_reading(path, lines, made, part)


class _Shells:
    """The shell that runs the recipe of a target, by ``SHELL`` and ``.SHELLFLAGS``."""

    def __init__(self, made: _Makefile, found: Sequence[Part]) -> None:
        self._made = made
        self._own: dict[str, dict[str, str]] = {}
        for part in found:
            if isinstance(part, Assignment) and part.targets and part.name in ("SHELL", ".SHELLFLAGS"):
                for target in part.targets.split():
                    self._own.setdefault(target, {})[part.name] = part.value

    def of(self, targets: str) -> str:
        """Its command line."""
        own = next((self._own[target] for target in targets.split() if target in self._own), {})
        known = {"SHELL": "sh", **self._made.variables, **own}
        return f"{self._made.expanded(known['SHELL'])} {self._made.expanded(known.get('.SHELLFLAGS', ''))}"


def _canned(found: Sequence[Part], recipes: Sequence[Rule]) -> frozenset[str]:
    """The variables made by ``define`` that are a line of some recipe."""
    defined = {part.name for part in found if isinstance(part, Assignment) and part.body}
    return frozenset(_reference(text) for rule in recipes for text, _ in rule.recipe) & defined


def _reference(text: str) -> str:
    """The variable that is all of a recipe line: ``$(NAME)`` or ``$(call NAME,…)``."""
    found = _ALONE.fullmatch(text.strip("\t @-+"))
    return found[1] or found[2] if found is not None else ""


def _rows(part: Assignment) -> Iterator[tuple[str, int]]:
    """The lines of a variable made by ``define``, those joined by a backslash together."""
    at = 0
    for row in re.split(r"(?<!\\)\n", part.written):
        yield row, part.start + at
        at += len(row) + 1


def _at_reading(path: str, lines: Lines, made: _Makefile, part: Part) -> Iterator[Fragment]:
    """What a shell runs when the makefile is read: ``NAME != …`` and ``$(shell …)``."""
    if isinstance(part, Assignment) and not part.body:
        text, start = part.written, part.start
        if part.how == "!":
            yield Fragment(path, KIND, *joined(lines, [list(made.pieces(text, start, {}))]))
            return
    elif isinstance(part, Other) and part.kind == "function":
        text, start = part.text, part.start
    else:
        return
    for found in _SHELL.finditer(text):
        inner = text[found.end() : _closing(text, found.end(), found[1])]
        pieces = list(made.pieces(inner, start + found.end(), {}))
        if inner.strip():
            yield Fragment(path, KIND, *joined(lines, [pieces]))


def _recipe(
    path: str, lines: Lines, made: _Makefile, rows: Iterable[tuple[str, int]], automatic: Mapping[str, str], shell: str
) -> Iterator[Fragment | Problem]:  # fmt: skip
    read = (_line(lines, made, row, at, automatic) for row, at in rows)
    texts = [text for text in read if any(piece.strip() for piece, _ in text)]
    readable, prepared = shell_of(shell)
    if texts and not readable:
        yield from foreign(path, KIND, shell, *joined(lines, texts))
    elif texts and made.oneshell:
        yield Fragment(path, KIND, *joined(lines, texts), prepared)
    else:
        for text in texts:
            yield Fragment(path, KIND, *joined(lines, [text]), prepared)


def _line(lines: Lines, made: _Makefile, row: str, at: int, automatic: Mapping[str, str]) -> list[Piece]:
    """One line for the shell: without the signs ``@-+`` in front, also those of a variable, and without the tabs."""
    found: list[Piece] = []
    for number, text in enumerate(row.split("\n")):
        skip = 1 if number and text.startswith("\t") else 0
        found += made.pieces(text[skip:], at + skip, automatic)
        at += len(text) + 1
        found.append(("\n", at - 1))
    found.pop()
    while found:
        text, at = found[0]
        if text.startswith("${") and len(found) > 1 and _COMPOUND.match(found[1][0]):
            bare = ""  # how the command is shown, or nothing: only then do the words behind it mean something
        else:
            bare = text.lstrip("\t @-+")
        if bare:
            written = lines.text.startswith(text, at)
            found[0] = (bare, at + len(text) - len(bare) if written else at)
            break
        found.pop(0)
    return found


def _automatic(made: _Makefile, targets: str) -> dict[str, str]:
    """``$@``, ``$<``…: names of files, never empty; and what a canned recipe is called with."""
    names = made.expanded(targets).split()
    own = names[0] if len(names) == 1 and re.fullmatch(r"[\w./-]+", names[0]) else _SOMETHING
    return {**dict.fromkeys("<^?+*|123456789", _SOMETHING), "@": own}


# ------------------------------------------------------------------------------------------- variables


def _read(made: _Makefile, found: Iterable[Part], directory: str, budget: list[int]) -> None:
    """The variables of a makefile and of those that it includes, conditions taken either way."""
    for part in found:
        if isinstance(part, Assignment):
            if not part.targets:
                _assign(made, part.name, part.how, part.value)
        elif isinstance(part, Rule):
            made.oneshell = made.oneshell or ".ONESHELL" in part.targets.split()
        elif part.kind == "condition":
            made.checked.update(re.findall(r"[A-Za-z_]\w*", part.text))
        elif part.kind == "include":
            _include(made, part.text, directory, budget)


def _assign(made: _Makefile, name: str, how: str, value: str) -> None:
    if how == "!":
        value = f"$(shell {value})"
    if how == "?" and name in made.variables:
        return
    if how == "+":
        value = f"{made.variables.get(name, '')} {value}".strip()
    elif how.startswith(":"):
        before = made.variables.get(name, _BUILT_IN.get(name, ""))
        value = re.sub(rf"\$(?:\({re.escape(name)}\)|{{{re.escape(name)}}})", lambda _: before, value)
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
            _read(made, parts(text), directory, budget)
