"""Small helpers on values: words split, joined, quoted, and text read from where a program reads it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import EMPTY, Origin, Pattern, Piece, Value, concat, literal, unknown
from agentguard.programs.contract import absolute, read_text
from agentguard.world.protocol import World

#: Programs that print what they fetched, where nothing better is known of their output.
FETCHERS = frozenset(
    [
        "curl",
        "wget",
        "http",
        "https",
        "xh",
        "aria2c",
        "lynx",
        "w3m",
        "links",
        "ftp",
        "nc",
        "ncat",
        "netcat",
        "socat",
        "telnet",
        "dig",
        "nslookup",
        "host",
    ]
)

_ASSIGNMENT = regex.compile(r"([A-Za-z_][^=/\s]*)=")


def mapped(value: Value, change: Callable[[str], str]) -> Value:
    """``value`` with ``change`` applied to each literal piece."""
    return concat(Value((change(p),) if isinstance(p, str) else (p,), value.sources) for p in value.pieces if p != "")


def cut(value: Value, count: int) -> Value:
    """``value`` without the first ``count`` characters, which must be literal."""
    head = value.prefix
    rest: tuple[Piece, ...] = (head[count:],) if len(head) > count else ()
    return Value(rest + value.pieces[1:], value.sources)


def join(values: Iterable[Value], separator: str = " ") -> Value:
    """The values with ``separator`` between them."""
    parts: list[Value] = []
    for value in values:
        if parts:
            parts.append(literal(separator))
        parts.append(value)
    return concat(parts)


def words_of(text: Value, separators: str = " \t\n") -> list[Value]:
    """A stream cut into words at literal separators; an unknown piece belongs to the word it touches."""
    words: list[Value] = []
    current: list[Value] = []
    for piece in text.pieces:
        if not isinstance(piece, str):
            current.append(Value((piece,), text.sources))
            continue
        parts = re.split(f"[{re.escape(separators)}]", piece)
        for index, part in enumerate(parts):
            if index and current:
                words.append(concat(current))
                current = []
            if part:
                current.append(Value((part,), text.sources))
    if current:
        words.append(concat(current))
    return words


def assignments(words: Sequence[Value]) -> tuple[dict[str, Value | None], Sequence[Value]]:
    """Leading ``NAME=value`` words as an environment, and the rest."""
    env: dict[str, Value | None] = {}
    for index, word in enumerate(words):
        match = _ASSIGNMENT.match(word.prefix)
        if match is None:
            return env, words[index:]
        env[match[1]] = cut(word, match.end())
    return env, ()


def standard_input(invocation: Invocation) -> Value:
    """What the program reads on standard input."""
    return invocation.stdin if invocation.stdin is not None else unknown(Origin.INPUT, many=True)


def contents(paths: Sequence[Value], invocation: Invocation, world: World) -> Value:
    """The files named, one after the other; standard input for ``-`` and where none is named."""
    if not paths:
        return standard_input(invocation)
    texts = []
    for path in paths:
        if path.known in ("-", "/dev/stdin"):
            texts.append(standard_input(invocation))
        elif path.known == "/dev/null":
            texts.append(EMPTY)
        else:
            text = read_text(path, invocation, world)
            texts.append(Value(text.pieces, text.sources | opened(path, invocation)))
    return concat(texts)


def opened(path: Value, invocation: Invocation) -> frozenset[str]:
    """Says of a stream that a program reads this file while the stream flows."""
    where = absolute(path, invocation).known
    return frozenset((f"open:{posixpath.normpath(where)}",)) if where is not None else frozenset()


def flowing(where: frozenset[str], invocation: Invocation) -> bool:
    """Whether the standard input of an invocation is still being read from this file (see ``opened``)."""
    inputs = [
        item for item in invocation.redirections if item.operator.startswith("<") and item.descriptor in (None, 0)
    ]
    if any(item.operator == "<" and opened(item.target, invocation) == where for item in inputs):
        return True
    return not inputs and bool(where) and invocation.stdin is not None and where <= invocation.stdin.sources


def finished(text: Value) -> Value:
    """Text that is complete when the program starts: nothing reads its files any more."""
    still = {source for source in text.sources if source.startswith("open:")}
    return Value(text.pieces, text.sources - still) if still else text


def provenance(text: Value) -> str:
    """Where text that is about to be run as code comes from: ``network``, ``decoded``, or ``""``."""
    if any(source.startswith("net:") for source in text.sources):
        return "network"
    if any(source[4:] in FETCHERS for source in text.sources if source.startswith("cmd:")):
        return "network"
    return "decoded" if "decoded" in text.sources else ""


def readable(text: Value) -> bool:
    """Whether something in the text can be read at all."""
    return any(isinstance(p, str) and p.strip() for p in text.pieces) or not text.pieces


def plain(text: Value) -> Value:
    """Patterns as the characters they are written with (text that no pathname expansion touches)."""
    if not any(isinstance(p, Pattern) for p in text.pieces):
        return text
    return concat(Value((p.text if isinstance(p, Pattern) else p,), text.sources) for p in text.pieces)
