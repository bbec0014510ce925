"""Compose files: command, entrypoint, healthcheck and hooks of the services."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.scan.building import joined, words
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Lines, Piece
from agentguard.scan.yaml_documents import documents
from agentguard.scan.yaml_texts import pieces
from agentguard.syntax.yaml_nodes import Node, mappings

KIND = "compose"
_KEYS = ("command", "entrypoint", "test")


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    roots, problems = documents(path, lines)
    yield from problems
    for document in roots:
        for mapping in mappings(document):
            for key, value in mapping.pairs:
                if key.value in _KEYS and (parts := _command(value, lines)):
                    text, marks = joined(lines, *parts)
                    yield Fragment(path, KIND, text.rstrip(" "), marks)


def _command(node: Node, lines: Lines) -> tuple[list[list[Piece]], str] | None:
    """The parts of a command and what stands between them."""
    if node.kind == "scalar":
        return ([_plain(node, lines)], "\n") if node.value.strip() else None
    scalars = [item for item in node.items if item.kind == "scalar"]
    if not scalars or len(scalars) != len(node.items):
        return None
    if scalars[0].value in ("CMD-SHELL", "NONE"):
        return ([_plain(item, lines) for item in scalars[1:]], "\n") if len(scalars) > 1 else None
    parts = [_plain(item, lines) for item in scalars if item.value != "CMD" or item is not scalars[0]]
    return words(parts), " "


def _plain(node: Node, lines: Lines) -> list[Piece]:
    """The pieces of a text with ``$$`` as the ``$`` that the container sees."""
    found: list[Piece] = []
    for text, at in pieces(node, lines.text):
        start = 0
        for double in re.finditer(r"\$\$", text):
            found.append((text[start : double.start() + 1], at + start))
            start = double.end()
        found.append((text[start:], at + start))
    return [piece for piece in found if piece[0]]
