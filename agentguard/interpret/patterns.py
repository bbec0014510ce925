"""Shell patterns on known text: ``case``, ``[[ == ]]``, ``${x#…}``, and pathname expansion through the world."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from agentguard.interpret.values import Pattern, Truth, Unknown, Value, literal
from agentguard.world.protocol import World

_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
    "space": r"\s", "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "word": r"\w", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_EXTENDED = {"@": "", "?": "?", "*": "*", "+": "+"}


def _bracket(text: str, start: int) -> tuple[str, int] | None:
    """The bracket expression at ``start`` as regex source, and the offset after it."""
    i = start + 1
    negate = text[i : i + 1] in ("!", "^")
    if negate:
        i += 1
    items: list[str] = []
    first = True
    while i < len(text) and (first or text[i] != "]"):
        first = False
        if text.startswith("[:", i):
            end = text.find(":]", i)
            if end > 0:
                items.append(_CLASSES.get(text[i + 2 : end], ""))
                i = end + 2
                continue
        low, i = _member(text, i)
        if text[i : i + 1] == "-" and text[i + 1 : i + 2] not in ("", "]"):
            high, i = _member(text, i + 1)
            if low <= high:  # a range the wrong way round matches nothing
                items.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            items.append(re.escape(low))
    if i >= len(text):
        return None
    body = "".join(items)
    if not body:
        return ("." if negate else "(?!)"), i + 1
    return f"[{'^' if negate else ''}{body}]", i + 1


def _member(text: str, i: int) -> tuple[str, int]:
    """One character of a bracket expression and the offset after it."""
    if text[i] == "\\" and i + 1 < len(text):
        i += 1
    return text[i], i + 1


def translate(text: str, *, slashes: bool = True, shortest: bool = False) -> str:
    """The regex source of a pattern. ``slashes``: ``*`` and ``?`` match ``/`` too. ``shortest``: ``*`` is lazy."""
    any_character = "." if slashes else "[^/]"
    out: list[str] = []
    i = 0
    while i < len(text):
        c = text[i]
        if c in "@?*+!" and text[i + 1 : i + 2] == "(":
            end = _closing(text, i + 1)
            if end > 0:
                inner = "|".join(translate(p, slashes=slashes) for p in _split(text[i + 2 : end]))
                out.append(f"(?!(?:{inner})$){any_character}*" if c == "!" else f"(?:{inner}){_EXTENDED[c]}")
                i = end + 1
                continue
        if c == "*":
            out.append(any_character + ("*?" if shortest else "*"))
        elif c == "?":
            out.append(any_character)
        elif c == "[":
            found = _bracket(text, i)
            if found:
                out.append(found[0])
                i = found[1]
                continue
            out.append(r"\[")
        elif c == "\\" and i + 1 < len(text):
            i += 1
            out.append(re.escape(text[i]))
        else:
            out.append(re.escape(c))
        i += 1
    return "".join(out)


def _closing(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        if text[i] == "(":
            depth += 1
        elif text[i] == ")":
            depth -= 1
            if depth == 0:
                return i
    return -1


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        if c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
        elif c == "|" and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    return parts


@lru_cache(maxsize=512)
def compiled(source: str) -> re.Pattern[str]:
    return re.compile(source, re.DOTALL)


def source_of(pattern: Value, *, slashes: bool = True, shortest: bool = False) -> str | None:
    """A pattern word as regex source; literal pieces match themselves. None where part of it is unknown."""
    out: list[str] = []
    for piece in pattern.pieces:
        if isinstance(piece, Unknown):
            return None
        if isinstance(piece, Pattern):
            out.append(translate(piece.text, slashes=slashes, shortest=shortest))
        else:
            out.append(re.escape(piece))
    return "".join(out)


def matches(subject: Value, pattern: Value) -> Truth:
    """Whether the whole subject matches the pattern."""
    source = source_of(pattern)
    known = subject.known
    if source is None or known is None or "/dev/fd/" in known:  # the name of a channel is ours, not bash's
        if pattern.pieces and all(isinstance(p, Pattern) and p.text == "*" for p in pattern.pieces):
            return Truth.YES
        return Truth.MAYBE
    return Truth.YES if compiled(source).fullmatch(known) else Truth.NO


def remove(text: str, pattern: str, operator: str) -> str:
    """``${x#p}``, ``##``, ``%``, ``%%`` on known text; ``pattern`` is greedy regex source."""
    rule = compiled(pattern)
    lengths: Iterable[int] = range(len(text) + 1)
    if operator in ("##", "%"):
        lengths = reversed(range(len(text) + 1))
    if len(text) > 4_096:
        return text
    for i in lengths:
        if operator[0] == "#" and rule.fullmatch(text, 0, i):
            return text[i:]
        if operator[0] == "%" and rule.fullmatch(text, i):
            return text[:i]
    return text


def mark(text: str) -> Value:
    """Unquoted text from an expansion: its ``* ? […]`` are operators again."""
    if not any(c in text for c in "*?["):
        return literal(text)
    pieces: list[str | Pattern] = []
    run: list[str] = []
    i = 0
    while i < len(text):
        c = text[i]
        end = i + 1
        if c == "[":
            close = text.find("]", i + 2)
            end = close + 1 if close > 0 else i + 1
        if c in "*?" or end > i + 1:
            if run:
                pieces.append("".join(run))
                run = []
            pieces.append(Pattern(text[i:end]))
        else:
            run.append(c)
        i = end
    if run:
        pieces.append("".join(run))
    return Value(tuple(pieces))


def as_text(value: Value) -> str | None:
    """A word with its patterns as plain text (a pattern that matches nothing stays as written)."""
    if value.unknown:
        return None
    return "".join(p.text if isinstance(p, Pattern) else str(p) for p in value.pieces)


def glob(value: Value, cwd: Value, world: World, limit: int = 64) -> list[str] | None:
    """Pathname expansion through the world: the names that match, or None where that cannot be told."""
    base = cwd.known
    if value.unknown or base is None:
        return None
    parts: list[list[str | Pattern]] = [[]]
    for piece in value.pieces:
        if isinstance(piece, str):
            head, *rest = piece.split("/")
            if head:
                parts[-1].append(head)
            parts.extend([name] if name else [] for name in rest)
        elif isinstance(piece, Pattern):
            parts[-1].append(piece)
    absolute = value.prefix.startswith("/")
    found = ["/"] if absolute else [""]
    for segment in parts[1:] if absolute else parts:
        step: list[str] = []
        plain = all(isinstance(p, str) for p in segment)
        for at in found:
            if plain:
                name = "".join(str(p) for p in segment)
                step.append(_join(at, name) if name else at)
                continue
            names = world.listing(_join(base, at) if not at.startswith("/") else at, 50_000)
            if names is None:
                continue
            source = "".join(
                translate(p.text, slashes=False) if isinstance(p, Pattern) else re.escape(str(p)) for p in segment
            )
            rule = compiled(source)
            dots = isinstance(segment[0], str) and segment[0].startswith(".")
            step.extend(_join(at, n) for n in names if (dots or not n.startswith(".")) and rule.fullmatch(n))
            if len(step) > limit:
                return None
        found = step
    return [path for path in found if world.kind(path if path.startswith("/") else _join(base, path)) != "missing"]


def _join(base: str, name: str) -> str:
    if not base:
        return name
    return base + name if base.endswith("/") else f"{base}/{name}"
