"""HTTP clients and database drivers of Python."""

from __future__ import annotations

import re
from collections.abc import Callable

from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.light import dataclass
from agentguard.programs.actions import Actions, Dotted, Fields, Thing, form_text, json_text, text


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call."""

    args: tuple[Thing, ...]
    named: Fields

    def get(self, index: int, *names: str) -> Thing:
        for name in names:
            if name in self.named.entries:
                return self.named.entries[name]
        return self.args[index] if index < len(self.args) else None

    def true(self, name: str) -> bool:
        value = self.named.entries.get(name)
        return isinstance(value, Value) and value.known not in ("False", "0", "", "None")


Handler = Callable[[Actions, str, Arguments], Thing]


def request(actions: Actions, name: str, call: Arguments, base: Thing = None) -> Thing:
    """requests, httpx, aiohttp: ``delete(url, headers=…, json=…)``."""
    verb = name.rsplit(".", 1)[-1]
    named = call.named.entries
    method: Thing = literal(verb)
    url = call.get(0, "url")
    if verb in ("request", "stream"):
        method, url = call.get(0, "method"), call.get(1, "url")
    if isinstance(base, Value) and isinstance(url, Value) and "://" not in url.prefix:
        url = concat((base, url))
    body: Thing = None
    if "json" in named:
        body = json_text(named["json"])
    elif "data" in named or "content" in named:
        body = form_text(named.get("data", named.get("content")))
    elif verb in ("post", "put", "patch") and len(call.args) > 1:
        body = form_text(call.args[1])
    actions.request(method, url, name, headers=named.get("headers"), body=body, query=named.get("params"))
    return response(url)


def response(url: Thing) -> Thing:
    value = text(url)
    match = re.match(r"https?://([^/:?#]+)", value.prefix)
    content = unknown(Origin.NETWORK, str(value), many=True, sources=(f"net:{match[1] if match else 'host'}",))
    return Dotted("response", (content,))


def urlopen(actions: Actions, name: str, call: Arguments) -> Thing:
    target = call.get(0, "url", "fullurl")
    named = dict(call.named.entries)
    if isinstance(target, Dotted) and target.name == "urllib-request":
        return response(target.of[0] if target.of else None)
    if name.endswith("Request"):
        body = call.get(1, "data")
        method = call.get(5, "method") or literal("POST" if body is not None else "GET")
        actions.request(method, target, name, headers=call.get(2, "headers"), body=body)
        return Dotted("urllib-request", (target,))
    body = call.get(1, "data")
    actions.request(
        literal("POST" if body is not None else "GET"), target, name, headers=named.get("headers"), body=body
    )
    if name.endswith("urlretrieve"):
        actions.overwrite(call.get(1, "filename"))
    return response(target)


def connection(actions: Actions, name: str, call: Arguments) -> Thing:
    scheme = "https" if "HTTPS" in name else "http"
    host = text(call.get(0, "host"))
    port = call.get(1, "port")
    if isinstance(port, Value) and port.known:
        host = concat((host, literal(f":{port.known}")))
    return Dotted("http-connection", (concat((literal(f"{scheme}://"), host)),))


def http_request(actions: Actions, name: str, call: Arguments, base: Thing) -> Thing:
    url = concat((text(base), text(call.get(1, "url"))))
    actions.request(call.get(0, "method"), url, name, headers=call.get(3, "headers"), body=call.get(2, "body"))
    return None


#: function that connects → engine
ENGINES = {
    "sqlite3.connect": "sqlite", "aiosqlite.connect": "sqlite", "duckdb.connect": "duckdb",
    "psycopg.connect": "postgres", "psycopg2.connect": "postgres", "asyncpg.connect": "postgres",
    "asyncpg.create_pool": "postgres", "psycopg.Connection.connect": "postgres", "pg8000.connect": "postgres",
    "pymysql.connect": "mysql", "MySQLdb.connect": "mysql", "mysql.connector.connect": "mysql",
    "aiomysql.connect": "mysql", "pyodbc.connect": "mssql", "pymssql.connect": "mssql", "oracledb.connect": "oracle",
    "cx_Oracle.connect": "oracle", "snowflake.connector.connect": "snowflake",
    "clickhouse_connect.get_client": "clickhouse",
    "clickhouse_driver.Client": "clickhouse", "trino.dbapi.connect": "trino", "databricks.sql.connect": "databricks",
}  # fmt: skip


def connect(actions: Actions, name: str, call: Arguments) -> Thing:
    target = call.get(0, "dsn", "conninfo", "uri")
    if target is None and call.named.entries:
        target = call.named
    if name == "sqlite3.connect" and target is None:
        target = literal(":memory:")
    return Dotted(f"db:{ENGINES[name]}", (target,))


def engine(actions: Actions, name: str, call: Arguments) -> Thing:
    """SQLAlchemy and ``databases``: the URL names the engine."""
    url = text(call.get(0, "url"))
    head = url.prefix
    scheme = head.partition(":")[0].partition("+")[0]
    engine = {"postgresql": "postgres", "mariadb": "mysql"}.get(scheme, scheme)
    target: Thing = url
    if engine == "sqlite":
        target = literal(head.partition(":///")[2] or ":memory:")
    elif engine == "postgres":
        rest = Value((re.sub(r"^\w+(\+\w+)?", "postgresql", head), *url.pieces[1:]), url.sources)
        target = rest
    return Dotted(f"db:{engine}", (target,))


def statement(actions: Actions, name: str, call: Arguments, target: Dotted) -> Thing:
    """``execute`` and its like on a connection, cursor or session."""
    engine = target.name.partition(":")[2] if target.name.startswith("db:") else ""
    sql = call.get(0, "sql", "query", "statement", "operation")
    actions.sql(sql, engine, name, target.of[0] if target.of else None)
    return target


def elastic(actions: Actions, function: Dotted, call: Arguments) -> None:
    """The clients of Elasticsearch and OpenSearch: the calls that delete, told as requests."""
    method = function.name.rpartition(".")[2]
    base = function.of[0] if function.of else None
    known = isinstance(base, Value) and "://" in base.prefix
    server = text(base) if known else concat((literal("https://"), unknown(Origin.EXPANSION, "host")))
    where = concat((server, literal("/"), text(call.get(0, "index", "name"), "index")))
    if method == "delete" and function.name.endswith((".indices.delete", "data_stream.delete")):
        actions.request(literal("DELETE"), where, function.name)
    elif method in ("delete_by_query", "update_by_query"):
        body = call.get(1, "body", "query")
        where = concat((where, literal(f"/_{method}")))
        actions.request(literal("POST"), where, function.name, body=json_text(body))


def whole_tables(actions: Actions, name: str, call: Arguments) -> None:
    """``metadata.drop_all(engine)``, ``Order.objects.all().delete()``, ``session.query(Order).delete()``."""
    bind = call.get(0, "bind")
    known = isinstance(bind, Dotted) and bind.name.startswith("db:")
    engine = bind.name.partition(":")[2] if known and isinstance(bind, Dotted) else ""
    target = bind.of[0] if known and isinstance(bind, Dotted) and bind.of else None
    statement = "DROP TABLE every_table"
    if not name.endswith("drop_all"):
        model = re.split(r"\.(?:objects|query)\b", name)[0].rpartition(".")[2]
        statement = f"DELETE FROM {model or 'records'}"
    actions.sql(literal(statement), engine, name, target)
