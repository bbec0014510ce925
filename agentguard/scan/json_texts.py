"""JSON as texts that know where they stand: every string with the way that leads to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.light import dataclass
from agentguard.scan.places import Piece

_TOKEN = re.compile(r'[ \t\r\n]*(?:("(?:[^"\\\n]|\\.)*")|([{}\[\],:])|([^\s"{}\[\],:]+))', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
#: Deeper nesting is not followed.
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Text:
    """``path`` are the keys (and numbers of array elements) that lead to the string; ``start`` is its quote."""

    path: tuple[str | int, ...]
    start: int
    pieces: list[Piece]

    @property
    def value(self) -> str:
        return "".join(text for text, _ in self.pieces)


class NotJson(ValueError):
    """The text is no JSON from ``at`` on."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at


def texts(source: str, start: int = 0, end: int | None = None) -> Iterator[Text]:
    """The strings of a value, keys aside, in order.

    Raises:
        NotJson: the text ends or goes on in a way that JSON does not; what came before was given.
    """
    end = len(source) if end is None else end
    path: list[str | int] = []
    closing: list[str] = []
    expects_key = False
    at = start
    while True:
        token = _TOKEN.match(source, at, end)
        if token is None:
            if source[at:end].strip() or closing:
                raise NotJson(min(at, end), "this is no JSON")
            return
        at = token.end()
        if token[1] is not None:
            if expects_key:
                path[-1] = "".join(text for text, _ in _pieces(source, token.start(1), at))
                expects_key = False
            else:
                yield Text(tuple(path), token.start(1), _pieces(source, token.start(1), at))
        elif token[2] in ("{", "["):
            if len(closing) >= _DEPTH:
                raise NotJson(token.start(2), "nested too deeply")
            closing.append("}" if token[2] == "{" else "]")
            path.append("" if token[2] == "{" else 0)
            expects_key = token[2] == "{"
        elif token[2] in ("}", "]"):
            if not closing or closing.pop() != token[2]:
                raise NotJson(token.start(2), f"there is a {token[2]} too much")
            path.pop()
            expects_key = False
        elif token[2] == "," and closing:
            expects_key = closing[-1] == "}"
            last = path[-1]
            path[-1] = last + 1 if isinstance(last, int) else ""


def _pieces(source: str, start: int, end: int) -> list[Piece]:
    """The characters of a string without its quotes, escapes as what they stand for."""
    found: list[Piece] = []
    at = start + 1
    for escape in _ESCAPE.finditer(source, at, end - 1):
        if escape.start() > at:
            found.append((source[at : escape.start()], at))
        text = chr(int(escape[1], 16)) if escape[1] else _LETTERS.get(escape[2], escape[2])
        found.append(("\ufffd" if "\ud800" <= text <= "\udfff" else text, escape.start()))
        at = escape.end()
    if at < end - 1:
        found.append((source[at : end - 1], at))
    return found
