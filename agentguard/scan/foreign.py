"""Text in a file for another program than a shell: read as here-document of that program, or told to be unread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agentguard.programs.interpreters import LANGUAGES
from agentguard.scan.building import words_of
from agentguard.scan.model import Fragment, Place, Problem


def foreign(
    path: str, kind: str, command: str, text: str, marks: Sequence[tuple[int, int, int]], before: str = ""
) -> Iterator[Fragment | Problem]:
    """The text for ``command`` (``python3 {0}``), with its marks as in a fragment."""
    program = next(iter(words_of(command)), "")
    _, line, column = marks[0] if marks else (0, 1, 1)
    if re.sub(r"[\d.]+$", "", program) not in LANGUAGES:
        yield Problem(Place(path, line, column, line, column + 1), f"{program} is not read", foreign=True)
        return
    if program.startswith("python") and (problem := _unparsed(path, text, marks)) is not None:
        yield problem
        return
    end = "END"
    while end in text:
        end += "_"
    head = f"{program} <<'{end}'\n"
    shifted = [(0, line, column), *((at + len(head), line, column) for at, line, column in marks)]
    yield Fragment(path, kind, f"{head}{text}\n{end}\n", shifted, before)


def _unparsed(path: str, text: str, marks: Sequence[tuple[int, int, int]]) -> Problem | None:
    import ast

    from agentguard.scan.places import Lines, position

    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        number = getattr(error, "lineno", None) or 1
        line, column = position(marks, min(Lines(text).starts[number - 1 : number] or [0]))
        message = f"this Python program cannot be parsed: {getattr(error, 'msg', error)}"
        return Problem(Place(path, line, column, line, column + 1), message)
    return None


def once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems of a file, each language that is not read told once."""
    told: set[str] = set()
    for problem in problems:
        if not problem.foreign or problem.message not in told:
            yield problem
        if problem.foreign:
            told.add(problem.message)
