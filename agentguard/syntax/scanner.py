"""The ground the parser stands on: position, spans, limits, blanks and comments."""

from __future__ import annotations

from agentguard import regex
from agentguard.light import dataclass
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import CommandSubstitution, Part, Redirect, Script, Span, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: Ends every text, so that looking at the next character needs no bounds check. ``parse`` refuses it inside.
END = "\0"

#: A backslash at the very end is dropped by bash as well.
_BLANKS = regex.compile(r"[ \t]*+(?:\\(?:\n|(?=\0))[ \t]*+)*")


@dataclass(slots=True)
class Budget:
    """Characters that may be read a second time, over all nested scripts of one text."""

    left: int

    @classmethod
    def of(cls, text: str) -> Budget:
        return cls(20_000 + 40 * len(text))


@dataclass(frozen=True, slots=True)
class Awaited:
    """A here-document whose body stands after the end of the line."""

    redirect: Redirect
    delimiter: str
    quoted: bool
    tabs: bool


class Scanner:
    """One text under the cursor.

    ``origin`` maps offsets of a text that was made by removing characters (backticks, ``<<-`` bodies) to the
    original; None where nothing was removed.
    """

    def __init__(self, text: str, room: int, budget: Budget, origin: list[int] | None = None) -> None:
        self.text = text + END
        self.end = len(text)
        self.pos = 0
        self.room = room
        self.budget = budget
        self.origin = origin
        self.awaited: list[Awaited] = []
        self.substitutions = 0  # how many $( … ) are around the cursor
        self.in_condition = False  # inside [[ ]] extended patterns are always on
        self.extended = "extglob" in text  # they may be on elsewhere
        self.last_ansi = text.rfind("$'")  # where the last of these stands, -1 where none does

    # ------------------------------------------------------------------------------- spans and refusals

    def at(self, start: int, end: int) -> Span:
        origin = self.origin
        return (start, end) if origin is None else (origin[start], origin[end])

    def fail(self, reason: str, start: int, end: int | None = None, kind: str = "syntax") -> NoReturn:
        """Refuse the text; the span is one character unless ``end`` is given."""
        start = min(start, self.end)
        stop = min(self.end, start + 1) if end is None else min(end, self.end)
        raise ShellSyntaxError(kind, reason, self.at(start, stop))

    def unexpected(self) -> NoReturn:
        """Refuse what stands at the cursor."""
        if self.pos >= self.end:
            self.fail("the command ends too early", self.end, kind="unterminated")
        found = _TOKEN.match(self.text, self.pos)
        token = found.group() if found else self.text[self.pos]
        shown = "end of line" if token == "\n" else token
        self.fail(f"unexpected {shown!r}" if token != "\n" else f"unexpected {shown}", self.pos, self.pos + len(token))

    # ----------------------------------------------------------------------------------- depth and steps

    def enter(self) -> None:
        """Go one level deeper; every nesting construct does."""
        self.room -= 1
        if self.room < 0:
            self.fail("the command is nested too deeply to be read", self.pos, kind="limit")

    def leave(self) -> None:
        self.room += 1

    def rewind(self, start: int) -> None:
        """Go back to read the same text as something else."""
        self.budget.left -= self.pos - start
        if self.budget.left < 0:
            self.fail("the command takes too many steps to read", start, kind="limit")
        self.pos = start

    # ---------------------------------------------------------------------------------------- white space

    def blanks(self) -> str:
        """Skip blanks and line continuations; the character after them."""
        found = _BLANKS.match(self.text, self.pos)
        assert found is not None  # the pattern matches the empty string
        self.pos = pos = found.end()
        return self.text[pos]

    def newlines(self) -> str:
        """Skip blanks, comments and ends of lines, reading the here-documents that wait there."""
        text = self.text
        while True:
            c = self.blanks()
            if c == "#":
                found = text.find("\n", self.pos)
                self.pos = found if found >= 0 else self.end
                c = text[self.pos]
            if c != "\n":
                return c
            self.pos += 1
            if self.awaited:
                self.heredocs()

    # --------------------------------------------------------- what the later files of the parser provide

    def heredocs(self) -> None:
        raise NotImplementedError

    def script(self, stops: frozenset[str] = frozenset()) -> Script:
        raise NotImplementedError

    def dollar(self, parts: list[Part], quoted: bool) -> None:
        raise NotImplementedError

    def backtick(self, quoted: bool, nested: bool = False) -> CommandSubstitution:
        raise NotImplementedError

    def process(self) -> Part:
        raise NotImplementedError

    def array_word(self, start: int, parts: list[Part]) -> Word:
        raise NotImplementedError


_TOKEN = regex.compile(r"\n|&&|\|\||;;&|;;|;&|[;&|<>()]+|[^\s;&|<>()\0]{1,24}|\S|\s")
