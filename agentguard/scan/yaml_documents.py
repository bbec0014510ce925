"""The YAML documents of a file. A line that is not YAML is left out, so that it hides nothing else."""

from __future__ import annotations

import re

from agentguard.scan.fragments import trouble
from agentguard.scan.model import Problem
from agentguard.scan.places import Lines
from agentguard.syntax.yaml_nodes import Node, Read, read

#: Lines that are left out, at most, and characters that are read again for it.
_MOST = 10
_AGAIN = 3_000_000
_ENTRY = re.compile(r"[ \t]*(?:-[ ]+)*")


def documents(path: str, lines: Lines) -> tuple[list[Node], list[Problem]]:
    """The root of each document, and what could not be read."""
    text = lines.text
    problems: list[Problem] = []
    found = read(text)
    first = found
    most = min(_MOST, _AGAIN // (len(text) + 1))
    while found.error:
        problems.append(trouble(path, lines, found.at, found.error))
        shorter = _without(text, found) if found.recoverable and len(problems) <= most else text
        if shorter == text:
            break
        text, found = shorter, read(shorter)
    if found.error and len(problems) > 1:  # far from YAML: what came before the first of its errors is sure
        return first.documents, problems[:1]
    return found.documents, problems


def _without(text: str, found: Read) -> str:
    """The text with the line of an error blanked: what is behind the dashes that begin an entry, then all of it."""
    start = text.rfind("\n", 0, found.at) + 1
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    entry = _ENTRY.match(text, start, end)
    kept = entry.end() if entry is not None else start
    if not text[kept:end].strip():
        kept = start
    blank = re.sub(r"[^\n]", " ", text[kept:end])
    return text[:kept] + blank + text[end:]
