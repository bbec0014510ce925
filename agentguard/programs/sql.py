"""SQL text → statements: what a client would send, in order, with what its own transaction takes back.

``statements`` is the whole way for plain text. A client with commands of its own (psql, sqlite3) walks over
``split(…)`` itself and hands the statements to ``facts``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agentguard.interpret.values import Pattern, Value
from agentguard.light import replace
from agentguard.operations import Database, SqlStatement
from agentguard.programs.sql_reading import Reading
from agentguard.programs.sql_tokens import HOLE, Statement, dialect, split, vocabulary
from agentguard.programs.sql_words import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

__all__ = ["facts", "rendered", "split", "statements"]

#: no transaction takes these back
_OUTSIDE: Final = frozenset(
    (("DROP", "DATABASE"), ("ALTER", "SYSTEM"), ("CALL", "FUNCTION"), ("COPY", "PROGRAM"), ("COPY", "FILE"))
)
_ROWS: Final = frozenset(("DELETE", "UPDATE", "INSERT", "MERGE"))
_OPENERS: Final = vocabulary("TRANSACTION TRAN WORK ISOLATION READ DEFERRED IMMEDIATE EXCLUSIVE CONCURRENT")
#: ``CREATE TABLE x`` and later ``DROP TABLE x`` in one input
_OWN_KINDS: Final = frozenset(("TABLE", "DATABASE", "SCHEMA"))


def rendered(value: Value) -> str:
    """The text of a value with a HOLE for each piece that is not known; glob operators as written."""
    return "".join(
        piece if isinstance(piece, str) else piece.text if isinstance(piece, Pattern) else HOLE
        for piece in value.pieces
    )


def statements(text: Value | str, database: Database) -> list[SqlStatement]:
    """What a text does to a database, client commands aside."""
    plain = text if isinstance(text, str) else rendered(text)
    items = split(plain, dialect(database.engine))
    return facts((item, database) for item in items if isinstance(item, Statement))


def facts(run: Iterable[tuple[Statement, Database]]) -> list[SqlStatement]:
    """The facts of statements that one session sends in this order."""
    found: list[SqlStatement] = []
    #: where each fact of the open transaction stands
    open_since: list[int] | None = None
    #: what the bodies of routines do that this input defines
    routines: dict[str, list[SqlStatement]] = {}
    for statement, database in run:
        reading = Reading(database, dialect(database.engine))
        words = words_of(statement.tokens[:8])
        if _opens(words):
            open_since = []
        elif words[0] in ("COMMIT", "END") or words[:2] == ["PREPARE", "TRANSACTION"]:
            open_since = None
        elif words[0] in ("ROLLBACK", "ABORT") and "TO" not in words:
            for index in open_since or ():
                found[index] = replace(found[index], rolled_back=True)
            open_since = None
        new = list(dict.fromkeys(reading.statement(statement)))
        if words[0] == "CREATE":
            routines.update(reading.routine(statement.tokens))
        elif routines:
            called = {token.text.lower() for token in statement.tokens} & routines.keys()
            new += [fact for name in sorted(called) for fact in routines[name]]
        if open_since is not None:
            if not reading.dialect.atomic and any(fact.verb not in _ROWS for fact in new):
                open_since = None  # commits what was open, and itself
            else:
                start = len(found)
                open_since += [start + i for i, fact in enumerate(new) if (fact.verb, fact.object) not in _OUTSIDE]
        found += new
    return list(_own(found))


def _opens(words: list[str]) -> bool:
    if words[:2] == ["START", "TRANSACTION"]:
        return True
    return words[0] == "BEGIN" and (len(words) == 1 or words[1] in _OPENERS)


def _own(found: list[SqlStatement]) -> Iterator[SqlStatement]:
    """Mark drops of what this input made before (OWN), or makes again after it (RECREATED)."""
    made: dict[tuple[str, str], int] = {}
    for index, fact in enumerate(found):
        if fact.verb == "CREATE" and fact.object in _OWN_KINDS and "IF_NOT_EXISTS" not in fact.detail:
            made[fact.object, _plain(fact.name)] = index
    dropped: set[tuple[str, str]] = set()
    for index, fact in enumerate(found):
        key = (fact.object, _plain(fact.name))
        if fact.verb == "CREATE" and "OR_REPLACE" in fact.detail:
            dropped.add(key)
        if fact.verb == "DROP" and key in made:
            if made[key] < index and key not in dropped:
                fact = replace(fact, detail=fact.detail | {"OWN"})
            elif made[key] > index:
                dropped.add(key)
                fact = replace(fact, detail=fact.detail | {"RECREATED"})
        elif fact.verb in ("TRUNCATE", "DELETE", "UPDATE") and ("TABLE", key[1]) in made:
            if made["TABLE", key[1]] < index and ("TABLE", key[1]) not in dropped:
                fact = replace(fact, detail=fact.detail | {"OWN"})
        yield fact


def _plain(name: str) -> str:
    return re.sub(r'["`\[\]]', "", name).lower().removeprefix("public.")
