"""Collecting fields: word splitting, quoting and brace expansion."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from agentguard.interpret import patterns
from agentguard.interpret.values import NOTHING, Pattern, Unknown, Value, concat, literal
from agentguard.light import replace
from agentguard.syntax.nodes import Brace, Part, Word

MAX_BRACE_WORDS = 1_000
BLANK = " \t\n"


def quoted(value: Value) -> Value:
    """As inside quotes: one word, no pattern operators."""
    pieces: list[Value] = []
    for piece in value.pieces:
        if isinstance(piece, Pattern):
            pieces.append(literal(piece.text))
        elif isinstance(piece, Unknown) and piece.many:
            pieces.append(Value((replace(piece, many=False),)))
        else:
            pieces.append(Value((piece,)))
    return replace(concat(pieces), sources=value.sources) if pieces else value


class Fields:
    """Collects pieces into fields."""

    def __init__(self, separators: str) -> None:
        self.separators = separators
        self.done: list[Value] = []
        self.current: list[Value] = []
        self.open = False
        #: where text came from that became no word (an unset variable)
        self.vanished: frozenset[str] = NOTHING

    def add(self, value: Value) -> None:
        self.current.append(value)
        self.open = True

    def close(self) -> None:
        if self.open:
            self.done.append(concat(self.current))
        elif self.current:
            self.vanished |= concat(self.current).sources
        self.current = []
        self.open = False

    def split(self, value: Value) -> None:
        """Add unquoted text: split at IFS, its pattern characters active."""
        if not value.pieces and value.sources:
            self.current.append(value)  # an empty value still says where it came from
        for piece in value.pieces:
            if isinstance(piece, Unknown):
                self.add(Value((replace(piece, many=True),), value.sources))
            elif isinstance(piece, Pattern):
                self.add(Value((piece,), value.sources))
            else:
                self._split_text(piece, value.sources)

    def _split_text(self, text: str, sources: frozenset[str]) -> None:
        if not self.separators:
            self.add(replace(patterns.mark(text), sources=sources))
            return
        blanks = "".join(c for c in self.separators if c in BLANK)
        others = "".join(c for c in self.separators if c not in BLANK)
        rule = f"[{re.escape(blanks)}]+" if blanks else ""
        if others:
            space = f"[{re.escape(blanks)}]*" if blanks else ""
            rule = f"{space}[{re.escape(others)}]{space}" + (f"|{rule}" if rule else "")
        parts = re.split(rule, text)
        for i, part in enumerate(parts):
            if i:
                self.close()
            if part:
                self.add(replace(patterns.mark(part), sources=sources))


def braces(word: Word) -> Iterator[tuple[Part, ...]]:
    """The words that brace expansion makes of one, each as its parts."""
    if not any(isinstance(part, Brace) for part in word.parts):
        yield word.parts
        return
    choices: list[list[tuple[Part, ...]]] = []
    total = 1
    for part in word.parts:
        if isinstance(part, Brace):
            options = [parts for alternative in part.alternatives for parts in braces(alternative)]
            choices.append(options)
            total *= max(1, len(options))
        else:
            choices.append([(part,)])
    for combination in itertools.islice(itertools.product(*choices), min(total, MAX_BRACE_WORDS)):
        yield tuple(part for parts in combination for part in parts)
