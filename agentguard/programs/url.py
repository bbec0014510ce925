"""URLs taken apart the way clients do it, with unknown pieces kept in place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentguard import regex
from agentguard.interpret.values import EMPTY, Pattern, Piece, Value
from agentguard.light import dataclass

#: Stands for an unknown piece while text is taken apart (private use area).
_HOLE = 0xE000
_SCHEME = regex.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://", re.ASCII)
_PERCENT = regex.compile(r"%([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Url:
    """``host`` is lower case without a trailing dot; ``path`` is decoded, starts with ``/`` and has no dot segments."""

    scheme: str
    userinfo: str
    host: Value
    port: str
    path: Value
    query: Value


def pierce(value: Value) -> tuple[str, list[Piece]]:
    """The value as text in which unknown pieces are single marker characters, and those pieces."""
    holes: list[Piece] = []
    out: list[str] = []
    for piece in value.pieces:
        if isinstance(piece, str):
            out.append(piece)
        elif isinstance(piece, Pattern):
            out.append(piece.text)
        else:
            out.append(chr(_HOLE + len(holes)))
            holes.append(piece)
    return "".join(out), holes


def restore(text: str, holes: Sequence[Piece], sources: frozenset[str]) -> Value:
    """The opposite of ``pierce`` for a part of its text."""
    if not holes or text.isascii():
        return Value((text,), sources) if text else (Value((), sources) if sources else EMPTY)
    pieces: list[Piece] = []
    run = ""
    for c in text:
        index = ord(c) - _HOLE
        if 0 <= index < len(holes):
            if run:
                pieces.append(run)
                run = ""
            pieces.append(holes[index])
        else:
            run += c
    if run:
        pieces.append(run)
    return Value(tuple(pieces), sources)


def split(value: Value, default_scheme: str = "http") -> Url:
    """Take a URL apart. Never fails: what makes no sense ends up in the host or the path."""
    text, holes = pierce(value)
    text = text.strip().replace("\t", "").replace("\n", "").replace("\r", "")
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else default_scheme
    rest = text[found.end() :] if found else text.removeprefix("//")
    rest = rest.partition("#")[0]
    cut = next((i for i, c in enumerate(rest) if c in "/?\\"), len(rest))
    authority, tail = rest[:cut], rest[cut:].replace("\\", "/")
    userinfo, _, address = authority.rpartition("@")
    host, port = _host_and_port(address)
    path, _, query = tail.partition("?")
    parts = value.sources
    return Url(
        scheme,
        userinfo,
        restore(_decode(host).lower().rstrip("."), holes, parts),
        port,
        restore(normal_path(path), holes, parts),
        restore(query, holes, parts),
    )


def _host_and_port(address: str) -> tuple[str, str]:
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
        return host, rest.removeprefix(":")
    host, colon, port = address.rpartition(":")
    return (host, port) if colon and (port.isdigit() or not port) else (address, "")


def _decode(text: str) -> str:
    return _PERCENT.sub(lambda code: chr(int(code[1], 16)), text) if "%" in text else text


def normal_path(path: str) -> str:
    """Percent-decoded, doubled slashes and dot segments resolved."""
    segments: list[str] = []
    for segment in _decode(path).split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return "/" + "/".join(segments) + ("/" if path.endswith("/") and segments else "")


def globbed(text: str, limit: int = 32) -> list[str]:
    """curl's own URL patterns written out: ``{a,b}`` and the first item of ``[1-9]``."""
    found = re.search(r"\{([^{}]*,[^{}]*)\}|\[(\w+)-(\w+)(?::\d+)?\]", text)
    if not found or limit <= 1:
        return [text]
    choices = found[1].split(",") if found[1] is not None else [found[2]]
    each = max(1, limit // len(choices))
    return [
        whole
        for choice in choices[:limit]
        for whole in globbed(text[: found.start()] + choice + text[found.end() :], each)
    ]
