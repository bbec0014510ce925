"""The one option parser: every program's words are sorted here, by its option table (see option_table.py).

Anything after ``--`` is an operand. A word with unknown pieces that could begin with ``-`` is an operand and makes
the call ``opaque``. A flag written ``--flag=false`` is left out. A known beginning (``--force=…``, ``-X…``) is read
as far as it is known.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.interpret.values import Pattern, Piece, Unknown, Value, literal
from agentguard.operations import Option, ProgramCall
from agentguard.programs.option_table import Table, TableError, default_table

__all__ = ["Table", "TableError", "default_table", "parse"]


def parse(table: Table, argv: Sequence[Value]) -> ProgramCall:
    """The words of a call sorted by the program's table. ``argv[0]`` is the program word. Never raises."""
    words = list(argv[1:])
    program = table.names[0]
    if table.stands_for:
        program = table.stands_for[0]
        words[:0] = [literal(word) for word in table.stands_for[1:]]
    reader = _Reader(table, words)
    reader.run()
    if table.help_word and [word.known for word in reader.operands] == ["help"]:
        reader.options.append(Option("--help"))
    return ProgramCall(
        program,
        tuple(reader.path),
        tuple(reader.options),
        tuple(reader.operands),
        reader.after_dashes,
        reader.opaque,
    )


class _Reader:
    """The state of one walk over the words."""

    def __init__(self, table: Table, words: list[Value]) -> None:
        self.table = table
        self.words = words
        self.path: list[str] = []
        self.options: list[Option] = []
        self.operands: list[Value] = []
        self.after_dashes: int | None = None
        self.opaque = False
        #: options that still wait for their word
        self.due: list[str] = []
        #: the last word was an option no table knows, so that the next one may be its value
        self.guess = False
        self.searching = bool(table.sub) or table.depth > 0
        self.depth = table.depth
        self.ended = False
        self.signs = ("-", "+") if table.plus else ("-",)

    def run(self) -> None:
        for index, word in enumerate(self.words):
            if self.due:
                self._value(self.due.pop(0), word)
            elif self.ended:
                self.operands.append(word)
            elif index == 0 and self.table.bundled_first and self._bundle(word):
                continue
            else:
                self._word(word)
        self.options.extend(Option(name) for name in self.due)

    def _value(self, name: str, value: Value) -> None:
        self.options.append(Option(name, value))
        self.guess = False
        if self.table.ends and name in map(self.table.canonical, self.table.ends):
            self.ended = True

    def _word(self, word: Value) -> None:
        known = word.known
        head = word.prefix
        guess, self.guess = self.guess, False
        if known == "--":
            self.ended = True
            self.after_dashes = len(self.operands)
        elif head.startswith("--"):
            self._long(word)
        elif head.startswith(self.signs) and known not in self.signs:
            self._short(word)
        else:
            self._operand(word, guess)

    def _operand(self, word: Value, guess: bool) -> None:
        if self.searching and self._subcommand(word, guess):
            return
        self.operands.append(word)
        self.searching = False
        if self.table.stop_early:
            self.ended = True
        first = word.pieces[0] if word.pieces else ""
        if isinstance(first, Unknown) and not first.path_safe:
            self.opaque = True

    def _subcommand(self, word: Value, guess: bool) -> bool:
        """Take a word as the next of the sub-command path, or as the value of the unknown option before it."""
        known = word.known
        found = self.table.child(known) if known is not None else None
        if found is not None:
            name, self.table = found
            self.path.append(name)
        elif guess and self.table.sub:
            self.options[-1] = Option(self.options[-1].name, word)
            return True
        elif known is not None and len(self.path) < self.depth:
            self.path.append(known)
            self.table = self.table.below()
        else:
            return False
        self.searching = bool(self.table.sub) or len(self.path) < self.depth
        return True

    # ------------------------------------------------------------------------------------ options

    def _long(self, word: Value) -> None:
        name, value = _split(word)
        if name is None:
            self.opaque = True
            return
        spelling = self._spelling(name)
        table = self.table
        if value is not None:
            self._glued(spelling, value)
        elif spelling in table.pair:
            self.due += [table.canonical(spelling)] * 2
        elif spelling in table.value:
            self.due.append(table.canonical(spelling))
        else:
            self.guess = not table.knows(spelling)
            self.options.append(Option(table.canonical(spelling)))

    def _glued(self, spelling: str, value: Value) -> None:
        if value.known in ("false", "False") and not self.table.takes_value(spelling):
            return
        self._value(self.table.canonical(spelling), value)
        if spelling in self.table.pair:
            self.due.append(self.table.canonical(spelling))

    def _spelling(self, name: str) -> str:
        """The option of the table that a long name means: itself, with one dash, or the only one it begins."""
        table = self.table
        if table.ignore_case:
            name = name.lower()
        if table.knows(name):
            return name
        if table.single_dash_long and name.startswith("--"):
            return self._spelling(name[1:])
        if table.abbreviate and len(name) > 2:
            every = (*table.value, *table.flag, *table.optional, *table.pair, *table.same)
            found = {other for other in every if other.startswith(name)}
            if len({table.canonical(other) for other in found}) == 1:
                return min(found)
            shortest = min(found, key=len, default="")
            if shortest and all(other.startswith(shortest) for other in found):
                return shortest  # most programs call this ambiguous; reading it as the plain option is the safe side
        return name

    def _short(self, word: Value) -> None:
        table = self.table
        name, value = _split(word)
        if table.single_dash_long or (name is not None and len(name) > 2 and table.knows(name)):
            self._long(word)
            return
        head = word.prefix
        sign = head[0]
        if not table.cluster and sign + head[1:2] not in table.value:
            self._long(word)
            return
        if head[1:].isdigit() and word.known is not None:
            self.options.append(Option(head))
            return
        for place in range(1, len(head)):
            spelling = sign + head[place]
            if head[place] == "=" and place > 1 and value is not None:
                self._equals(value)
                return
            if table.takes_value(spelling):
                self._attached(spelling, _after(word, place + 1))
                return
            self.options.append(Option(table.canonical(spelling)))
            self.guess = not table.knows(spelling)
        if word.known is None:
            self.opaque = True

    def _equals(self, value: Value) -> None:
        """``-f=true``: the value of the flag just read."""
        name = self.options.pop().name
        self.guess = False
        if value.known not in ("false", "False"):
            self.options.append(Option(name, value))

    def _attached(self, spelling: str, rest: Value) -> None:
        """A short option that can have a value, and what follows it in its word."""
        table = self.table
        name = table.canonical(spelling)
        if not rest.pieces:
            if spelling in table.optional:
                self.options.append(Option(name))
            else:
                self.due += [name] * (2 if spelling in table.pair else 1)
            return
        if not table.abbreviate and rest.prefix.startswith("="):  # getopt keeps the sign, newer parsers drop it
            rest = _after(rest, 1)
        self._value(name, rest)
        if spelling in table.pair:
            self.due.append(name)

    def _bundle(self, word: Value) -> bool:
        """``tar xzf``: letters without a dash; those that take values take the following words in order."""
        letters = word.known
        if not letters or not letters.isalnum() or letters.isdigit():
            return False
        for letter in letters:
            name = self.table.canonical("-" + letter)
            if "-" + letter in self.table.value:
                self.due.append(name)
            else:
                self.options.append(Option(name))
        return True


def _after(word: Value, start: int) -> Value:
    """The word without the first ``start`` characters of its first piece."""
    head = word.prefix[start:]
    pieces: tuple[Piece, ...] = word.pieces[1:]
    return Value((head, *pieces) if head else pieces, word.sources)


def _split(word: Value) -> tuple[str | None, Value | None]:
    """``--name=value`` in its two parts; the name is None where it goes on into an unknown piece."""
    head = word.prefix
    name, sign, _ = head.partition("=")
    if sign:
        return name, _after(word, len(name) + 1)
    if word.known is not None:
        return name, None
    pieces = word.pieces[1:]
    if all(isinstance(piece, (str, Pattern)) for piece in pieces):
        return str(word), None
    return None, None
