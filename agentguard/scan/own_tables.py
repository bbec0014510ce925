"""Tables, databases and schemas that a file of SQL makes itself: its own to drop, to empty and to change.

A dump drops what it makes right after, a test drops in the end what it made, a migration copies a table before it
drops it and gives the copy its name, and a seed empties a table before it fills it. Nothing of others is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import literal
from agentguard.light import dataclass, field
from agentguard.operations import Operation, ProgramCall, SqlStatement
from agentguard.programs.sql_tokens import Kind, Token
from agentguard.programs.sql_words import name_at

_KINDS = frozenset(("TABLE", "DATABASE", "SCHEMA"))
_THINGS = _KINDS | {"ROLE", "USER", "LOGIN"}
_CHANGES = frozenset(("DROP", "DELETE", "TRUNCATE", "UPDATE", "ALTER"))
#: Statements that put rows into a table, and the words between them and its name.
_FILLS = frozenset(("INSERT", "REPLACE", "COPY", "LOAD"))
_BETWEEN = frozenset(("INTO", "TABLE", "IGNORE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "OR", "REPLACE", "DATA"))
#: Words in a value that name no column.
_CONSTANTS = frozenset((
    "NULL", "TRUE", "FALSE", "DEFAULT", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_USER", "INTERVAL",
    "NOT", "AND", "OR", "AS", "DATE", "TIMESTAMP", "TEXT", "INTEGER", "INT", "BOOLEAN", "SYSDATE", "SESSION_USER",
))  # fmt: skip
#: Words of a statement in which the name of the table is looked for.
_HEAD = 12


@dataclass(slots=True)
class Own:
    """What a file has made of its own, up to the statement that is read."""

    statements: Sequence[Sequence[Token]]
    _made: set[tuple[str, str]] = field(default_factory=set)
    #: What it dropped as something that had to be there before: made again, it still is not the file's.
    _others: set[tuple[str, str]] = field(default_factory=set)
    _rows: _Rows | None = None

    def follow(self, fact: SqlStatement, index: int) -> None:
        """Note what the statement at ``index`` makes or drops. Call it for each fact in order, after ``holds``."""
        self._made.discard(("TABLE", _renamed(self.statements[index])[0]))
        if fact.object not in _KINDS:
            return
        keys = {(fact.object, name) for name in _names(fact.name)}
        if fact.verb == "CREATE" and "OR_REPLACE" not in fact.detail:
            if "IF_NOT_EXISTS" not in fact.detail or "TEMPORARY" in fact.detail:
                self._made |= keys - self._others
        elif fact.verb == "DROP":
            if "IF_EXISTS" not in fact.detail:
                self._others |= keys - self._made
            self._made -= keys

    def holds(self, fact: SqlStatement, index: int) -> bool:
        """Whether everything that a fact of the statement at ``index`` is about belongs to the file."""
        if fact.verb not in _CHANGES:
            return False
        kind = fact.object if fact.object in _KINDS else "TABLE"
        names = _names(fact.name)
        if names and all((kind, name) in self._made for name in names):
            return True
        if len(names) != 1 or kind != "TABLE":
            return False
        if fact.verb == "DROP" and fact.object == "TABLE":
            return self._copied(names[0], index)
        return fact.verb in ("DELETE", "TRUNCATE") and self._filled(names[0], index)

    def _copied(self, name: str, index: int) -> bool:
        """Whether a table with the rows of the dropped one, which the file made, gets its name."""
        read = self._read()
        after, old = read.renames.get(name, (0, ""))
        return after > index and ("TABLE", old) in self._made and read.copies.get((name, old), index) < index

    def _filled(self, name: str, index: int) -> bool:
        """Whether rows are put in again further below."""
        return self._read().fills.get(name, 0) > index

    def _read(self) -> _Rows:
        if self._rows is None:
            self._rows = _rows(self.statements)
        return self._rows


def made(operations: Iterable[tuple[Operation, Invocation]]) -> Callable[[Operation], bool]:
    """Tells whether what a statement drops was made before it by another one, in commands that a script runs in this
    order. A table or database that is only made if it is missing may be that of others."""
    places: dict[int, int] = {}
    first: dict[tuple[str, str, str, str], int] = {}
    for index, (operation, invocation) in enumerate(operations):
        places[id(operation)] = index
        if isinstance(operation, ProgramCall) and invocation.name == "createdb" and operation.operands:
            host = operation.value("-h", "--host") or literal("localhost")
            first.setdefault((host.known or "…", "", "DATABASE", _plain(operation.operands[0].known or "…")), index)
        if isinstance(operation, SqlStatement) and operation.verb == "CREATE":
            if operation.object in _THINGS and not operation.detail & {"IF_NOT_EXISTS", "OR_REPLACE"}:
                for key in _keys(operation):
                    first.setdefault(key, index)

    def its_own(operation: Operation) -> bool:
        if not isinstance(operation, SqlStatement) or operation.verb != "DROP" or "…" in operation.name:
            return False
        at = places.get(id(operation), 0)
        keys = _keys(operation)
        return bool(keys) and all(first.get(key, at) < at for key in keys)

    return its_own


def _keys(statement: SqlStatement) -> list[tuple[str, str, str, str]]:
    database = statement.database
    inside = database.name if statement.object == "TABLE" else ""
    kind = "ROLE" if statement.object in ("USER", "LOGIN") else statement.object
    return [(database.host, inside, kind, name) for name in _names(statement.name)]


@dataclass(slots=True)
class _Rows:
    """Where rows go in a file of SQL: the last statement that fills a table, the last that gives a table a name
    (with its old one), the first that copies from one table into another."""

    fills: dict[str, int] = field(default_factory=dict)
    renames: dict[str, tuple[int, str]] = field(default_factory=dict)
    copies: dict[tuple[str, str], int] = field(default_factory=dict)


def _rows(statements: Sequence[Sequence[Token]]) -> _Rows:
    found = _Rows()
    for index, tokens in enumerate(statements):
        word = tokens[0].word
        if word in _FILLS or word == "CREATE":
            name = _plain(name_at(tokens, _after_fill(tokens))[0])
            if word != "CREATE":
                found.fills[name] = index
            for source in _sources(tokens):
                found.copies.setdefault((source, name), index)
        else:
            old, new = _renamed(tokens)
            if new:
                found.renames[new] = index, old
    return found


def _names(text: str) -> list[str]:
    return [_plain(name) for name in text.split(", ") if name]


def _plain(name: str) -> str:
    return "".join(letter for letter in name if letter not in '"`[]').lower().removeprefix("public.")


def _after_fill(tokens: Sequence[Token]) -> int:
    """Where the name of the table begins that rows are put into."""
    words = [token.word for token in tokens[:_HEAD]]
    if words[:1] in (["CREATE"], ["LOAD"]):
        return words.index("TABLE") + 1 if "TABLE" in words else len(tokens)
    return next((at for at, word in enumerate(words) if at and word not in _BETWEEN), len(tokens))


def _sources(tokens: Sequence[Token]) -> set[str]:
    """The tables that a statement reads rows from."""
    return {_plain(name_at(tokens, at + 1)[0]) for at, token in enumerate(tokens) if token.word in ("FROM", "JOIN")}


def _renamed(tokens: Sequence[Token]) -> tuple[str, str]:
    """The old and the new name of the table that a statement renames, else two empty ones."""
    words = [token.word for token in tokens[:_HEAD]]
    if words[:2] not in (["ALTER", "TABLE"], ["RENAME", "TABLE"]) or "TO" not in words:
        return "", ""
    at = words.index("TO")
    old, after = name_at(tokens, 2)
    if words[0] == "ALTER" and words[after : at + 1] != ["RENAME", "TO"]:
        return "", ""
    return _plain(old), _plain(name_at(tokens, at + 1)[0])


def computed(tokens: Sequence[Token]) -> bool:
    """Whether an UPDATE puts into each row what it reads in that row, and not one value into all of them."""
    words = [token.word for token in tokens]
    start = words.index("SET") + 1 if "SET" in words else len(tokens)
    values = list(_values(tokens[start:]))
    return bool(values) and all(any(_column(value, at) for at in range(len(value))) for value in values)


def _values(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """What stands behind each ``=`` of a list of assignments."""
    depth, start = 0, None
    for at, token in enumerate((*tokens, None)):
        word = "" if token is None else token.word
        if token is None or (depth == 0 and word in (",", ";", "FROM", "WHERE")):
            if start is not None:
                yield tokens[start:at]
            start = None
            if word in (";", "FROM", "WHERE"):
                return
        depth += (word == "(") - (word == ")")
        if start is None and word in ("=", ":="):
            start = at + 1


def _column(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    called = at + 1 < len(tokens) and tokens[at + 1].word == "("
    if token.kind is Kind.NAME:
        return not called
    return token.kind is Kind.WORD and not called and token.word not in _CONSTANTS
