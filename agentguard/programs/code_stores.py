"""Calls of database drivers and query builders that take a whole table, database or cache."""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.interpret.values import literal
from agentguard.programs.actions import Dotted, Thing
from agentguard.programs.code_reading import CodeReader

Given = Sequence[Thing]
#: parts of a query that say which rows
_NARROWED = ("where", "Where", "find", "filter", "limit", "first", "andWhere")


def whole_table(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """knex: ``db('users').del()``, ``db('users').truncate()``."""
    if given or any(part in name for part in _NARROWED):
        return None
    table = name.split("(")[0].lstrip("?.") or "table"
    verb = "TRUNCATE TABLE" if name.endswith("truncate") else "DELETE FROM"
    reader.actions.sql(literal(f"{verb} {table}"), "", name)
    return None


def database(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """MongoDB's ``dropDatabase`` and Redis' ``flushall``, on whatever connection."""
    verb = name.rsplit(".", 1)[-1]
    if verb.lower().startswith("flush"):
        reader.actions.tool("redis-cli", verb.lower(), name=name)
    else:
        reader.actions.tool("mongosh", "--eval", "db.dropDatabase()", name=name)
    return None


def model(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """Ecto: ``Repo.delete_all(Shop.User)``; a query as the argument may be narrower."""
    first = given[0] if given else None
    if isinstance(first, Dotted) and "(" not in first.name:
        reader.actions.sql(literal(f"DELETE FROM {first.name.rpartition('.')[2]}"), "", name)
    return None
