"""Compose files: command, entrypoint, healthcheck and hooks of the services."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.scan.building import Piece, fragment, joined, words
from agentguard.scan.fragments import trouble
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Lines
from agentguard.scan.yaml_nodes import Node, mappings, read
from agentguard.scan.yaml_texts import pieces

KIND = "compose"
_KEYS = ("command", "entrypoint", "test")


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    found = read(lines.text)
    if found.error:
        yield trouble(path, lines, found.at, found.error)
    for document in found.documents:
        for mapping in mappings(document):
            for key, value in mapping.pairs:
                if key.value in _KEYS and (text := _command(value, lines)) is not None:
                    yield text.of(path, lines)


class _Words:
    """The parts of a command and what stands between them."""

    def __init__(self, parts: list[list[Piece]], separator: str) -> None:
        self._parts, self._separator = parts, separator

    def of(self, path: str, lines: Lines) -> Fragment:
        text, marks = joined(lines, self._parts, self._separator)
        return fragment(path, KIND, text.rstrip(" "), marks)


def _command(node: Node, lines: Lines) -> _Words | None:
    if node.kind == "scalar":
        return _Words([_plain(node, lines)], "\n") if node.value.strip() else None
    scalars = [item for item in node.items if item.kind == "scalar"]
    if not scalars or len(scalars) != len(node.items):
        return None
    if scalars[0].value in ("CMD-SHELL", "NONE"):
        return _Words([_plain(item, lines) for item in scalars[1:]], "\n") if len(scalars) > 1 else None
    parts = [_plain(item, lines) for item in scalars if item.value != "CMD" or item is not scalars[0]]
    return _Words(words(parts), " ")


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
