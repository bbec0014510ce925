"""What an ALTER statement changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentguard.programs.sql_tokens import Token, vocabulary
from agentguard.programs.sql_words import name_at, upto, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

Change = tuple[str, str, str, set[str], Sequence[Token]]
"""verb, object, name, details, and the tokens of a row condition where there is one."""

_KINDS: Final = vocabulary(
    "TABLE DATABASE SCHEMA ROLE USER LOGIN SYSTEM TYPE VIEW INDEX POLICY SEQUENCE PUBLICATION SUBSCRIPTION SERVER "
    "KEYSPACE WAREHOUSE FUNCTION PROCEDURE EXTENSION DOMAIN DEFAULT"
)
#: what may follow DROP in ALTER TABLE without being a column
_NOT_COLUMNS: Final = {
    **dict.fromkeys(("CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK"), "CONSTRAINT"),
    **dict.fromkeys(("INDEX", "KEY", "PROJECTION"), "INDEX"),
    **dict.fromkeys(("PARTITION", "PART", "DETACHED"), "PARTITION"),
    **dict.fromkeys(("DEFAULT", "NOT", "IDENTITY", "EXPRESSION", "STATISTICS", "ROW"), ""),
}


def changes(tokens: Sequence[Token]) -> Iterator[Change]:
    """The changes of an ALTER statement that take something away or widen rights."""
    words = words_of(tokens)
    kind = next((word for word in words[1:4] if word in _KINDS), "")
    if not kind:
        return
    place = words.index(kind, 1) + 1
    name, after = name_at(tokens, place)
    if kind == "TABLE":
        yield from _table(tokens, after, name)
    elif kind in ("ROLE", "USER", "LOGIN"):
        yield "ALTER", kind, name, _role(words), ()
    elif kind == "SYSTEM":
        yield "ALTER", kind, "", set(), ()
    elif kind == "DEFAULT":
        if "PUBLIC" in words or "ALL" in words:
            yield "GRANT", "PRIVILEGE", "", {"ALL", *({"PUBLIC"} & set(words))}, ()
    else:
        wanted: tuple[str, ...] = ("RENAME", "OWNER", "DISABLE", "SET")
        details = {word for word in wanted if word in words[after : after + 2]}
        if "DROP" in words[after:]:
            details.add("DROP")
        if details:
            yield "ALTER", kind, name, details, ()


def _role(words: list[str]) -> set[str]:
    wanted = ("SUPERUSER", "NOLOGIN", "BYPASSRLS", "CREATEROLE", "REPLICATION", "RENAME", "DISABLE", "NOSUPERUSER")
    found = {word for word in wanted if word in words}
    if {"PASSWORD", "IDENTIFIED"} & set(words):
        found.add("PASSWORD")
    if "LOCK" in words:
        found.add("NOLOGIN")
    return found


def _table(tokens: Sequence[Token], place: int, name: str) -> Iterator[Change]:
    """Each action of ALTER TABLE, between commas."""
    while place < len(tokens):
        end = upto(tokens, place, ",")
        action = tokens[place:end]
        details = _action(words_of(action))
        if "DELETE" in details or "UPDATE" in details:
            yield details.pop(), "ROWS", name, {"MUTATION"}, action
        elif details:
            yield "ALTER", "TABLE", name, details, ()
        place = end + 1


def _action(words: list[str]) -> set[str]:
    if not words:
        return set()
    if words[0] == "ON" and "CLUSTER" in words[:2]:
        words = words[3:]
    first, rest = (words[0], words[1:]) if words else ("", [])
    second = rest[0] if rest else ""
    if first == "DROP":
        if second == "CONSTRAINT" and "COLUMN" in rest:
            return {"COLUMN"}
        found = _NOT_COLUMNS.get(second, "COLUMN")
        return {found} if found else set()
    if first in ("DELETE", "UPDATE") and "WHERE" in words:
        return {first}
    if first in ("TRUNCATE", "DISCARD", "CLEAR") or (first == "REPLACE" and second == "PARTITION"):
        return {"PARTITION"}
    if first == "DETACH":
        return {"DETACH"}
    if first == "RENAME":
        return set() if second in ("CONSTRAINT", "INDEX", "KEY") else {"RENAME"}
    if first == "ALTER":
        return {"TYPE"} if "TYPE" in rest or (rest[1:2] and _retyped(rest)) else set()
    if first in ("MODIFY", "CHANGE"):
        return {"TTL"} if second == "TTL" else {"TYPE"}
    if first in ("DISABLE", "NO"):
        return {"SECURITY"} if "SECURITY" in rest else {"TRIGGER"}
    if first == "OWNER":
        return {"OWNER"}
    if first == "SET":
        flat = " ".join(rest)
        if "DATA_RETENTION_TIME_IN_DAYS" in flat:
            return {"RETENTION"}
        return {word for word in ("UNLOGGED", "SCHEMA") if second == word}
    return set()


def _retyped(rest: list[str]) -> bool:
    """``ALTER COLUMN a int`` (SQL Server): a type follows the name at once."""
    words = rest[1:] if rest[0] == "COLUMN" else rest
    return len(words) > 1 and words[1] not in ("SET", "DROP", "ADD", "TYPE", "RESET", "RESTART", "", "VISIBLE")
