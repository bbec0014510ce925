"""SQL that travels in a request: ClickHouse's own port, D1, Neon, Supabase, BigQuery, Turso and the like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.values import Value, literal
from agentguard.operations import Database, Operation, SqlStatement
from agentguard.programs.graphql import decoded
from agentguard.programs.sql import statements
from agentguard.programs.url import Url, pierce

#: Names of JSON fields that hold statements, and words that make a look at them worthwhile.
_FIELD = regex.compile(r'"(?:query|sql|statement|stmt|q)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_WORTH = regex.compile(
    r"\b(?:drop|truncate|delete|alter|update|detach|optimize|revoke|grant|rename|kill|insert\s+overwrite|system)\b",
    re.IGNORECASE,
)
_PLACES = regex.compile(
    r"sql|query|queries|statement|/d1/|pipeline|/rpc/exec|database|:8123|:8443|druid|presto|trino|influx", re.IGNORECASE
)

#: a statement in a query string or a form
_ASKED = regex.compile(r"(?:^|&)(?:query|q|sql)=([^&]*)")
#: a body that is a statement itself
_BARE = regex.compile(r"\s*(?:drop|truncate|alter|delete\s+from|detach|rename\s+table|with)\s", re.IGNORECASE)
_TABLE = regex.compile(r"/rest/v\d/(?!rpc(?:/|$))([^/]+)/?$")
#: what PostgREST reads in a query string that limits no rows
_NO_FILTER = {"select", "order", "limit", "offset", "columns", "on_conflict", "apikey"}


def over_http(url: Url, body: Value | None) -> Iterator[Operation]:
    """The statements in a request, where address or port say that the other side reads SQL."""
    host = str(url.host)
    place = f"{host}:{url.port}{pierce(url.path)[0]}"
    query = pierce(url.query)[0]
    clickhouse = "clickhouse" in host or url.port in ("8123", "8443")
    database = Database("clickhouse" if clickhouse else "", host=host, name="")
    if not clickhouse and not _PLACES.search(place) and url.port in ("", "80", "443"):
        return
    text = pierce(body)[0] if body is not None else ""
    for asked in (_ASKED.search(query), _ASKED.search(text)):
        if asked and _WORTH.search(decoded(asked[1])):
            yield from statements(literal(decoded(asked[1])), database)
    if body is None:
        return
    if not _WORTH.search(text):
        return
    if (clickhouse and not text.lstrip().startswith(("{", "["))) or _BARE.match(text):
        yield from statements(body, database)
        return
    for found in _FIELD.finditer(text):
        yield from statements(literal(_unescaped(found[1])), database)


def rows(method: str | None, url: Url) -> Iterator[SqlStatement]:
    """PostgREST (Supabase): the method is the verb, the last segment the table, the query string the condition."""
    found = _TABLE.search(pierce(url.path)[0])
    verb = {"PATCH": "UPDATE", "DELETE": "DELETE"}.get(method or "")
    if found and verb:
        keys = {part.partition("=")[0] for part in pierce(url.query)[0].split("&") if part}
        database = Database("postgresql", host=str(url.host))
        yield SqlStatement(database, verb, "TABLE", found[1], where=bool(keys - _NO_FILTER))


def _unescaped(text: str) -> str:
    import json

    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text
