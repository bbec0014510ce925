"""The text of a YAML scalar with the place of each of its characters in the file.

YAML gives the text and where the scalar starts and ends. Here the source between the two is read again, character by
character; where the outcome is not the text that YAML gave, the whole of it is put at the start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.scan.places import Piece
from agentguard.syntax.yaml_nodes import Node

_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
            "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028",
            "P": "\u2029"}  # fmt: skip
#: An anchor and a tag, which stand before a scalar.
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+(?:#[^\n]*\s+)*)*")
_HEXADECIMAL = {"x": 2, "u": 4, "U": 8}


def pieces(node: Node, source: str) -> list[Piece]:
    """The scalar's text in pieces with their offsets in ``source``."""
    properties = _PROPERTIES.match(source, node.start, node.end)
    start = properties.end() if properties is not None else node.start
    if node.style in ("|", ">"):
        found = list(_block(node, start, source))
    elif node.style:
        found = list(_flow(source, start + 1, node.end - 1, node.style))
    else:
        found = list(_flow(source, start, node.end, ""))
    if "".join(text for text, _ in found) != node.value:
        return [(node.value, start)] if node.value else []
    return found


# ------------------------------------------------------------------------------------------- block scalars


def _block(node: Node, start: int, source: str) -> Iterator[Piece]:
    """``|`` and ``>``: the header, then lines without their indentation."""
    header = source[start : max(start, source.find("\n", start))]
    found = re.search(r"[|>]([-+\d]*)", header)
    if found is None:
        return
    keep = "+" in found[1]
    strip = "-" in found[1]
    at = start + len(header) + 1
    rows = list(_rows(source, at, node.end))
    indent = _indentation(rows, found[1], node.value)
    body: list[tuple[str, int]] = []
    for text, start in rows:
        blank = not text.strip(" ")
        body.append((text[indent:] if not blank or len(text) > indent else "", start + min(indent, len(text))))
    while body and not body[-1][0] and not keep:
        body.pop()
    if node.style == "|":
        for index, (text, start) in enumerate(body):
            last = index == len(body) - 1
            yield text, start
            if not (last and strip):
                yield "\n", start + len(text)
        return
    yield from _folded(body, strip)


def _indentation(rows: list[Piece], header: str, value: str) -> int:
    for text, _ in rows:
        if text.strip(" "):
            first = next((line for line in value.split("\n") if line), "")
            if any(c.isdigit() for c in header):  # an explicit number: more blanks belong to the text
                return len(text) - len(first) if text.endswith(first) else len(text) - len(text.lstrip(" "))
            return len(text) - len(text.lstrip(" "))
    return 0


def _rows(source: str, start: int, end: int) -> Iterator[Piece]:
    at = start
    while at < end:
        stop = source.find("\n", at, end)
        stop = end if stop < 0 else stop
        if stop == end and not source[at:stop].strip(" "):
            return  # the indentation of what follows
        yield source[at:stop], at
        at = stop + 1


def _folded(body: list[Piece], strip: bool) -> Iterator[Piece]:
    """Lines joined by a blank; an empty line is a line end, as are those around more indented lines."""
    held: list[int] = []
    before = ""
    started = False
    for text, at in body:
        if not text:
            held.append(at)
            continue
        if started:
            loose = text[0] in " \t" or before[:1] in (" ", "\t")
            if loose:
                yield from (("\n", place) for place in (at - 1, *held))
            elif held:
                yield from (("\n", place) for place in held)
            else:
                yield " ", at - 1
        else:
            yield from (("\n", place) for place in held)
        held = []
        yield text, at
        before, started = text, True
    if started and not strip:
        yield "\n", body[-1][1] + len(body[-1][0])
    for place in held:
        yield "\n", place


# -------------------------------------------------------------------------------------------- flow scalars


def _flow(source: str, start: int, end: int, quote: str) -> Iterator[Piece]:
    """Plain and quoted scalars: line ends fold, quotes are escaped in two ways."""
    at = start
    run = start
    while at < end:
        c = source[at]
        if c == "\n" or (c in " \t" and _to_line_end(source, at, end)):
            yield source[run:at], run
            gap = re.compile(r"[ \t]*\n(?:[ \t]*\n)*[ \t]*").match(source, at, end)
            if gap is None:
                return
            breaks = gap[0].count("\n")
            yield ("\n" * (breaks - 1) if breaks > 1 else " "), at
            at = run = gap.end()
        elif quote == "'" and c == "'":
            yield source[run:at], run
            yield "'", at
            at = run = at + 2
        elif quote == '"' and c == "\\":
            yield source[run:at], run
            text, after = _escaped(source, at, end)
            yield text, at
            at = run = after
        else:
            at += 1
    yield source[run:at], run


def _to_line_end(source: str, at: int, end: int) -> bool:
    while at < end and source[at] in " \t":
        at += 1
    return at < end and source[at] == "\n"


def _escaped(source: str, at: int, end: int) -> tuple[str, int]:
    """What a backslash stands for, and where the text goes on."""
    letter = source[at + 1 : at + 2]
    if letter == "\n":
        at += 2
        while at < end and source[at] in " \t":
            at += 1
        return "", at
    width = _HEXADECIMAL.get(letter)
    if width:
        try:
            return chr(int(source[at + 2 : at + 2 + width], 16)), at + 2 + width
        except (ValueError, OverflowError):
            return "", at + 2
    return _ESCAPES.get(letter, letter), at + 2
