"""What is known about a word before it is run: literal pieces, pattern pieces and unknown pieces."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntEnum

from agentguard.light import dataclass
from agentguard.syntax.quoting import quote


class Truth(IntEnum):
    """Three-valued logic; ``min`` is *and*, ``max`` is *or*."""

    NO = 0
    MAYBE = 1
    YES = 2

    def __invert__(self) -> Truth:
        return Truth(2 - self)


class Origin(Enum):
    """Where an unknown piece comes from."""

    OUTPUT = "the output of a command"
    INPUT = "data read while running"
    VARIABLE = "a variable set by code that cannot be read"
    POSITIONAL = "an argument of the script"
    FILE = "the content of a file"
    NETWORK = "the network"
    ARITHMETIC = "an arithmetic result"
    LOOP = "a loop that cannot be unrolled"
    EXPANSION = "an expansion that is not modelled"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Text that only running would tell. ``detail`` names the command, variable or file.

    ``many``: unquoted, so it may become no word, one or several. ``path_safe``: known to hold no ``/`` and not to
    be ``.``, ``..`` or empty (for example the part of a name below a directory that ``find`` or a loop over a
    glob printed).
    """

    origin: Origin
    detail: str = ""
    many: bool = False
    path_safe: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """An unquoted glob operator that pathname expansion will replace, as written (``*``, ``?``, ``[ab]``)."""

    text: str


Piece = str | Unknown | Pattern

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Value:
    """One word, or a stream of text.

    ``pieces`` never holds two neighbouring strings nor an empty one; no pieces means the empty string.
    ``sources`` names where the text came from even where it is known, so that secrets can be followed:
    ``env:NAME`` (a variable of the environment, also when unset), ``file:/abs/path``, ``net:host``,
    ``cmd:program``, ``decoded``.
    """

    pieces: tuple[Piece, ...] = ()
    sources: frozenset[str] = NOTHING

    @property
    def known(self) -> str | None:
        """The text if every piece is literal, else None."""
        if not self.pieces:
            return ""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], str):
            return self.pieces[0]
        return None

    @property
    def prefix(self) -> str:
        """The literal text before the first unknown or pattern piece."""
        return self.pieces[0] if self.pieces and isinstance(self.pieces[0], str) else ""

    @property
    def unknown(self) -> bool:
        """Whether some piece is ``Unknown`` (patterns do not count)."""
        return any(isinstance(piece, Unknown) for piece in self.pieces)

    def __str__(self) -> str:
        """For people: unknown pieces as ``…``, patterns as written."""
        return "".join(
            piece if isinstance(piece, str) else piece.text if isinstance(piece, Pattern) else "…"
            for piece in self.pieces
        )

    def starts(self, text: str) -> Truth:
        """Whether the final text begins with ``text``."""
        head = self.prefix
        if head.startswith(text):
            return Truth.YES
        if self.known is None and text.startswith(head):
            return Truth.MAYBE
        return Truth.NO

    def equals(self, text: str) -> Truth:
        """Whether the final text is exactly ``text`` (a pattern piece counts as unknown)."""
        known = self.known
        if known is not None:
            return Truth.YES if known == text else Truth.NO
        if not text.startswith(self.prefix):
            return Truth.NO
        last = self.pieces[-1]
        if isinstance(last, str) and not text.endswith(last):
            return Truth.NO
        return Truth.MAYBE


def literal(text: str, *sources: str) -> Value:
    return Value((text,) if text else (), frozenset(sources) if sources else NOTHING)


def unknown(origin: Origin, detail: str = "", *, many: bool = False, sources: Iterable[str] = ()) -> Value:
    return Value((Unknown(origin, detail, many),), frozenset(sources))


def concat(values: Iterable[Value]) -> Value:
    """Join values into one, merging neighbouring strings and all sources."""
    if isinstance(values, list | tuple) and len(values) < 2:  # most words have one part
        return values[0] if values else EMPTY
    pieces: list[Piece] = []
    run: list[str] = []
    sources: set[str] = set()
    for value in values:
        sources |= value.sources
        for piece in value.pieces:
            if isinstance(piece, str):
                run.append(piece)
                continue
            if run:
                pieces.append("".join(run))
                run = []
            pieces.append(piece)
    if run:
        pieces.append("".join(run))
    return Value(tuple(pieces), frozenset(sources) if sources else NOTHING)


EMPTY = Value()


def quoted(value: Value) -> Value:
    """A word as one word of shell text; unknown pieces stay as they are."""
    known = value.known
    return value if known is None else Value((quote(known),), value.sources)
