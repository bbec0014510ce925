"""Calls of database drivers and query builders that take a whole table, database or cache."""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.interpret.values import Value, concat, literal
from agentguard.programs.actions import Dotted, Thing, text
from agentguard.programs.code_clients import client_call
from agentguard.programs.code_reading import CodeReader
from agentguard.programs.code_services import option

Given = Sequence[Thing]
#: parts of a query that say which rows
_NARROWED = ("where", "Where", "find", "filter", "limit", "first", "andWhere")


def whole_table(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """knex: ``db('users').del()``, ``db('users').truncate()``."""
    if given:
        client_call(reader.actions, name)
        return None
    if any(part in name for part in _NARROWED):
        return None
    table = name.split("(")[0].lstrip("?.") or "table"
    verb = "TRUNCATE TABLE" if name.endswith("truncate") else "DELETE FROM"
    reader.actions.sql(literal(f"{verb} {table}"), "", name)
    return None


def created_anew(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """``sequelize.sync({force: true})``, ``dataSource.synchronize(true)``: every table is dropped first."""
    asked = option(given, "force") if name.endswith("sync") else given[0] if given else None
    if isinstance(asked, Dotted) and asked.name == "true":
        reader.actions.sql(literal("DROP TABLE every_table"), "", name)
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


def second(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """R's DBI: ``dbExecute(connection, statement)``, ``dbRemoveTable(connection, name)``."""
    statement = text(given[1] if len(given) > 1 else None)
    if name.endswith("dbRemoveTable"):
        statement = concat((literal("DROP TABLE "), statement))
    reader.actions.sql(statement, "", name)
    return None


def connection(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """A database in a file or in memory; other data sources stay unknown."""
    where = given[0] if given else None
    if not isinstance(where, Value):
        return None
    prefix = where.prefix
    if name == "PDO":
        if not prefix.startswith("sqlite:"):
            return None
        where = Value((prefix.removeprefix("sqlite:"), *where.pieces[1:]), where.sources)
    return Dotted("db:sqlite", (where,))
