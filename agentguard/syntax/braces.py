"""Brace expansion, on the parts of a word."""

from __future__ import annotations

import re
from itertools import pairwise

from agentguard import regex
from agentguard.syntax.nodes import Brace, Parameter, Part, Text, Tilde, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.syntax.scanner import Scanner

#: Longer ranges are not written out.
LONGEST = 1000

_RANGE = regex.compile(r"(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?|([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d+))?")
_NAME = regex.compile(r"[A-Za-z0-9_]")


def possible(text: str, start: int, end: int) -> bool:
    """Whether the raw word could hold a brace expansion at all."""
    opening = text.find("{", start, end)
    return (
        opening >= 0
        and text.find("}", opening, end) >= 0
        and (text.find(",", opening, end) >= 0 or text.find("..", opening, end) >= 0)
    )


def expand(scanner: Scanner, parts: list[Part]) -> list[Part]:
    """Replace every brace expansion among unquoted text by a ``Brace``."""
    tokens = _tokens(parts)
    pairs = _pairs(tokens)
    if not pairs:
        return parts
    return _build(scanner, tokens, pairs, 0, len(tokens))


def _tokens(parts: list[Part]) -> list[Part]:
    """The parts, with each unquoted ``{``, ``,`` and ``}`` as a text of its own."""
    tokens: list[Part] = []
    for part in parts:
        if not isinstance(part, Text) or part.quoted or not any(c in part.value for c in "{,}"):
            tokens.append(part)
            continue
        offset = part.span[0]
        for found in re.finditer(r"[{},]|[^{},]+", part.value):
            span = (offset + found.start(), offset + found.end())
            tokens.append(Text(span, found.group(), False))
    return tokens


def _mark(part: Part) -> str:
    return part.value if isinstance(part, Text) and not part.quoted and part.value in ("{", "}", ",") else ""


def _pairs(tokens: list[Part]) -> dict[int, tuple[int, list[int]]]:
    """For each opening brace that expands: its closing brace and the commas between them at its own level."""
    pairs: dict[int, tuple[int, list[int]]] = {}
    open_braces: list[tuple[int, list[int]]] = []
    for i, token in enumerate(tokens):
        mark = _mark(token)
        if mark == "{":
            open_braces.append((i, []))
        elif mark == "," and open_braces:
            open_braces[-1][1].append(i)
        elif mark == "}" and open_braces:
            start, commas = open_braces.pop()
            if commas or _range(tokens, start, i) is not None:
                pairs[start] = (i, commas)
    return pairs


def _range(tokens: list[Part], start: int, end: int) -> re.Match[str] | None:
    inner = tokens[start + 1 : end]
    if not inner or not all(isinstance(t, Text) and not t.quoted for t in inner):
        return None
    return _RANGE.fullmatch("".join(t.value for t in inner if isinstance(t, Text)))


def _build(
    scanner: Scanner, tokens: list[Part], pairs: dict[int, tuple[int, list[int]]], start: int, end: int
) -> list[Part]:
    result: list[Part] = []
    i = start
    while i < end:
        found = pairs.get(i)
        if found is None:
            result.append(tokens[i])
            i += 1
            continue
        scanner.enter()
        close, commas = found
        span = (tokens[i].span[0], tokens[close].span[1])
        if commas:
            edges = [i, *commas, close]
            alternatives = [
                _alternative(scanner, _build(scanner, tokens, pairs, a + 1, b), tokens[a].span[1], first=not result)
                for a, b in pairwise(edges)
            ]
            brace = Brace(span, tuple(alternatives))
        else:
            brace = _sequence(tokens, i, close, span)
        scanner.leave()
        _check_neighbours(scanner, result, brace, tokens[close + 1] if close + 1 < end else None)
        result.append(brace)
        i = close + 1
    return result


def _alternative(scanner: Scanner, parts: list[Part], at: int, first: bool) -> Word:
    """One alternative; a tilde that comes to stand at the start of the word expands."""
    if first and parts and isinstance(parts[0], Text) and not parts[0].quoted and parts[0].value.startswith("~"):
        head = parts[0]
        user, slash, rest = head.value[1:].partition("/")
        if (len(parts) > 1 and not slash) or not re.fullmatch(r"[A-Za-z0-9_.+-]*", user):
            scanner.fail("a tilde at a brace expansion is not read", head.span[0])
        cut = head.span[0] + 1 + len(user)
        parts = [
            Tilde((head.span[0], cut), user),
            *([Text((cut, head.span[1]), slash + rest, False)] if slash else []),
            *parts[1:],
        ]
    return Word((at, parts[-1].span[1]) if parts else (at, at), tuple(parts))


def _sequence(tokens: list[Part], start: int, close: int, span: tuple[int, int]) -> Brace:
    found = _range(tokens, start, close)
    assert found is not None  # only pairs with a range come here
    inside = (tokens[start].span[1], tokens[close].span[0])
    first, last, step, low, high, hop = found.groups()
    numbers: range
    if first is not None:
        a, b = int(first), int(last)
        width = max(len(first), len(last)) if re.search(r"^-?0\d|\.\.-?0\d", found.group()) else 0
    else:
        a, b, step, width = ord(low), ord(high), hop, 0
    stride = abs(int(step or 1)) or 1
    numbers = range(a, b + 1, stride) if a <= b else range(a, b - 1, -stride)
    if len(numbers) > LONGEST:
        return Brace(span, (Word(inside, (Text(inside, found.group(), False),)),), True)
    texts = [str(n).zfill(width) for n in numbers] if first is not None else [chr(n) for n in numbers]
    return Brace(span, tuple(Word(inside, (Text(inside, t, False),)) for t in texts))


def _check_neighbours(scanner: Scanner, before: list[Part], brace: Brace, after: Part | None) -> None:
    """Braces expand before everything else: refuse where that would join a dollar sign or tilde with its neighbours."""
    last = before[-1] if before else None
    if _open_ended(last) and any(_starts_name(word.parts[0] if word.parts else after) for word in brace.alternatives):
        scanner.fail("a variable name runs into a brace expansion", brace.span[0], brace.span[1])
    if any(_open_ended(word.parts[-1]) for word in brace.alternatives if word.parts) and _starts_name(after):
        scanner.fail("a brace expansion runs into a variable name", brace.span[0], brace.span[1])
    if isinstance(last, Text | Tilde) and len(before) == 1 and not getattr(last, "quoted", False):
        if isinstance(last, Tilde) or (last.value.startswith("~") and "/" not in last.value):
            scanner.fail("a tilde at a brace expansion is not read", brace.span[0], brace.span[1])


def _open_ended(part: Part | None) -> bool:
    """``$x`` without braces, or a dollar sign that stands for itself."""
    if isinstance(part, Parameter):
        return part.span[1] - part.span[0] == 1 + len(part.name) and not part.quoted and part.name.isidentifier()
    return isinstance(part, Text) and not part.quoted and part.value.endswith("$")


def _starts_name(part: Part | None) -> bool:
    """Whether text could continue a name, or a quote or parenthesis follow a dollar sign."""
    if isinstance(part, Text):
        return part.quoted or _NAME.match(part.value) is not None or part.value[:1] in ("{", "[", "(")
    return part is not None
