"""SQL clients other than psql, and the tools that create, drop, restore and stop whole databases.

A client is described by a few names: which options hold text, which files, which the target. Sources: the manual
pages and ``--help`` of each client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation, Output
from agentguard.interpret.values import Origin, Unknown, Value, concat, literal
from agentguard.light import dataclass, replace
from agentguard.operations import Database, FileOverwrite, Opaque, ProgramCall, SqlStatement
from agentguard.programs import psql
from agentguard.programs.contract import absolute, environment, read_text
from agentguard.programs.sql import rendered
from agentguard.programs.sql_session import DEPTH, Session, described, plain, value_of
from agentguard.programs.sql_tokens import ClientCommand, Statement, dialect, split
from agentguard.world import mysql, postgres
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


@dataclass(frozen=True, slots=True)
class Client:
    """Canonical option names; ``operands`` says what each operand is: ``name``, ``url``, ``file``, ``text``, ``host``,
    ``port``, ``script`` (a file of text), the last one repeated. ``home``: the host where none is given."""

    engine: str
    text: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    host: str = "--host"
    port: str = "--port"
    name: str = "--database"
    user: str = "--user"
    url: str = ""
    operands: tuple[str, ...] = ()
    variables: Mapping[str, str] | None = None
    home: str = "localhost"
    #: subcommands that read SQL; empty: the program itself does
    at: tuple[str, ...] = ()
    #: options without which it means this machine
    remote: tuple[str, ...] = ()
    #: options with which nothing is changed
    idle: tuple[str, ...] = ("--help", "--version")


_MYSQL: Final = {"host": "MYSQL_HOST", "port": "MYSQL_TCP_PORT"}

CLIENTS: Final[Mapping[str, Client]] = {
    "mysql": Client(
        "mysql", ("--execute", "--init-command"), operands=("name",), variables=_MYSQL, idle=("--help", "--version")
    ),
    "sqlite3": Client("sqlite", ("-cmd",), ("-init",), operands=("file", "text"), idle=("-readonly", "-help")),
    "duckdb": Client(
        "duckdb", ("-c", "-s", "-cmd"), ("-f", "-init"), operands=("file", "text"), idle=("-readonly", "-help")
    ),
    "clickhouse-client": Client("clickhouse", ("--query",), ("--queries-file",), variables={"host": "CLICKHOUSE_HOST"}),
    "clickhouse": Client("clickhouse", ("--query",), ("--queries-file",), at=("client", "local")),
    "clickhouse-local": Client("clickhouse", ("--query",), ("--queries-file",)),
    "cqlsh": Client("cassandra", ("--execute",), ("--file",), name="--keyspace", operands=("host", "port")),
    "sqlcmd": Client("mssql", ("-Q", "-q"), ("-i",), host="-S", name="-d", user="-U"),
    "sqlplus": Client("oracle", operands=("url", "script"), home=""),
    "snowsql": Client("snowflake", ("--query",), ("--filename",), host="--accountname", name="--dbname", home=""),
    "cockroach": Client("cockroach", ("--execute",), ("--file",), url="--url", at=("sql",)),
    "trino": Client("trino", ("--execute",), ("--file",), host="--server", name="--catalog", operands=("url",)),
    "beeline": Client("hive", ("-e",), ("-f",), url="-u", name="-d", home=""),
    "hive": Client("hive", ("-e",), ("-f",), name="--database", home=""),
    "spark-sql": Client("databricks", ("-e",), ("-f",), name="--database", home=""),
    "usql": Client("postgres", ("--command",), ("--file",), operands=("url",)),
    "influx": Client("influx", ("-execute",), host="-host", name="-database", at=("",)),
    "turso": Client("sqlite", operands=("name", "text"), at=("db shell",), home=""),
    "pscale": Client("mysql", ("--query",), at=("sql", "shell"), operands=("name", "branch"), home=""),
    "wrangler": Client(
        "sqlite",
        ("--command",),
        ("--file",),
        at=("d1 execute",),
        operands=("name",),
        home="",
        remote=("--remote", "--preview"),
    ),
    "supabase": Client(
        "postgres",
        ("--command",),
        ("--file",),
        at=("db query", "db execute"),
        url="--db-url",
        operands=("text",),
        home="",
        remote=("--linked", "--db-url"),
    ),
    "heroku": Client(
        "postgres",
        ("--command",),
        ("--file",),
        at=("pg:psql", "psql"),
        name="--app",
        operands=("name",),
        home="",
    ),
    "fly": Client("postgres", at=("postgres connect", "pg connect", "mpg connect"), name="--app", home=""),
    "railway": Client("postgres", at=("connect",), operands=("name",), home=""),
    "bq": Client(
        "bigquery",
        at=("query",),
        name="--dataset_id",
        host="--project_id",
        operands=("text",),
        home="",
        idle=("--dry_run", "--help"),
    ),
    "gcloud": Client("sql", ("--sql",), at=("spanner databases execute-sql",), operands=("name",), home=""),
    "snow": Client("snowflake", ("--query",), ("--filename",), at=("sql",), name="--database", home=""),
    "prisma": Client("sql", files=("--file",), at=("db execute",), url="--url", home=""),
}


def client(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """What a call of a SQL client sends to its server, and what it runs and writes here."""
    spec = CLIENTS[call.program]
    located = _located(spec, call)
    if located is None or call.has(*spec.idle):
        return
    path, call = located
    session = Session(invocation, world, " ".join((call.program, path)).strip(), target(spec, call, invocation, world))
    session.scratch = bool(spec.remote) and not call.has(*spec.remote)
    texts = False
    for option in call.options:
        if option.value is None:
            continue
        if option.name in spec.text:
            texts = option.name not in ("--init-command", "-cmd") or texts
            read(session, option.value)
        elif option.name in spec.files:
            texts = option.name != "-init" or texts
            read(session, _source(session, option.value))
        elif option.name in ("--output", "--tee", "-o") and spec.engine in ("mysql", "mssql"):
            session.write(rendered(option.value))
    words: list[Value] = []
    for index, operand in enumerate(call.operands):
        kind = spec.operands[min(index, len(spec.operands) - 1)] if spec.operands else ""
        if kind == "text":
            words.append(operand)
        elif kind == "script" and operand.prefix.startswith("@"):
            texts = True
            read(session, session.file(value_of(rendered(operand).lstrip("@"))))
    for text in [_joined(words)] if spec.engine == "bigquery" and words else words:
        texts = True
        read(session, text)
    if not texts and invocation.stdin is not None:
        read(session, invocation.stdin)
    yield from session.finish()


def _located(spec: Client, call: ProgramCall) -> tuple[str, ProgramCall] | None:
    """The sub-command that reads SQL and the call with only what follows it, or None where this is another one."""
    if not spec.at:
        return "", call
    words = [*call.subcommand, *(operand.known or "" for operand in call.operands)]
    for path in spec.at:
        parts = path.split()
        if words[: len(parts)] == parts:
            rest = [*map(literal, call.subcommand), *call.operands][len(parts) :]
            return path, replace(call, operands=tuple(rest))
    return None


def _joined(words: list[Value]) -> Value:
    parts: list[Value] = []
    for word in words:
        parts += [word, literal(" ")]
    return concat(parts)


def _source(session: Session, path: Value) -> Value:
    if path.known in ("-", "/dev/stdin") and session.invocation.stdin is not None:
        return session.invocation.stdin
    return session.file(path)


# ------------------------------------------------------------------------------------------- targets


def target(spec: Client, call: ProgramCall, invocation: Invocation, world: World) -> Database:
    """Where a client connects: URL, options and operands, environment, else its default."""
    found = {"host": "", "port": "", "name": "", "user": ""}
    url = call.value(spec.url) if spec.url else None
    for index, operand in enumerate(call.operands):
        kind = spec.operands[min(index, len(spec.operands) - 1)] if spec.operands else ""
        if kind == "file":
            return _file(operand, spec, invocation)
        if kind == "url" or "://" in operand.prefix:
            url = operand
        elif kind in found and not found[kind]:
            found[kind] = plain(operand)
    if url is not None:
        text = plain(url)
        named = postgres.from_url(text, spec.engine) if "://" in text else None
        return replace(named, engine=spec.engine) if named is not None else Database(spec.engine)
    for key, option in (("host", spec.host), ("port", spec.port), ("name", spec.name), ("user", spec.user)):
        given = plain(call.value(option))
        if not given and spec.variables and key in spec.variables:
            value = environment(spec.variables[key], invocation, world)
            given = plain(value)
        found[key] = given or found[key]
    if spec.engine == "mysql" and call.program == "mysql":
        kept = mysql.defaults(call, invocation, world)
        found = {key: value or kept.get(key, "") for key, value in found.items()}
        if found["host"] == "?":
            return Database(spec.engine, "", found["port"], found["name"], found["user"])
    if spec.remote and not call.has(*spec.remote):
        return Database(spec.engine, "localhost", "", found["name"])
    if spec.engine in ("sqlite", "duckdb") and spec.home:
        return Database(spec.engine, "localhost", "", ":memory:")
    host = re.sub(r"^(?:tcp|np|lpc):", "", found["host"]).lower() or spec.home
    return Database(spec.engine, host.partition(",")[0], found["port"], found["name"], found["user"])


def _file(operand: Value, spec: Client, invocation: Invocation) -> Database:
    text = plain(operand)
    if "://" in text:
        return replace(postgres.from_url(text, spec.engine) or Database(spec.engine), engine=spec.engine)
    text = re.sub(r"^file:(?://)?", "", text).partition("?")[0] if text.startswith("file:") else text
    if text in (":memory:", ""):
        return Database(spec.engine, "localhost", "", ":memory:")
    return Database(spec.engine, "localhost", "", plain(absolute(value_of(text), invocation)))


# ---------------------------------------------------------------------------------------------- text


def read(session: Session, value: Value) -> None:
    """The text of a client, with its own commands."""
    text = rendered(value)
    if not text.strip("\ufffc \t\r\n") and value.unknown:
        session.effects.append(Opaque("the SQL text is known only when it runs"))
        return
    for item in split(text, dialect(session.database.engine)):
        if isinstance(item, ClientCommand):
            _command(session, item.name, item.argument)
        elif not _spoken(session, item):
            session.run.append((item, session.database))


def _spoken(session: Session, statement: Statement) -> bool:
    """Commands without a sign: ``source FILE``, ``system CMD`` (mysql), ``HOST CMD``, ``@FILE`` (sqlplus)."""
    engine, first = session.database.engine, statement.tokens[0].word
    rest = statement.text[len(statement.tokens[0].text) :].strip().rstrip(";")
    if first == "SOURCE" and engine in ("mysql", "cassandra"):
        _command(session, "read", rest)
    elif (engine, first) in (("mysql", "SYSTEM"), ("oracle", "HOST")):
        session.shell(rest)
    elif engine == "oracle" and first in ("@", "START"):
        _command(session, "read", rest.lstrip("@"))
    elif first == "USE" and engine not in ("postgres", "sqlite"):
        session.database = replace(session.database, name=rest.strip('`"[] '))
    else:
        return False
    return True


def _command(session: Session, name: str, argument: str) -> None:
    """``.shell``, ``.read`` and friends of sqlite3 and duckdb; ``\\!``, ``\\.`` of mysql; ``:r``, ``:!!`` of sqlcmd."""
    if name.startswith("!") or name in ("shell", "system", "sh"):
        session.shell((name.lstrip("!") + " " + argument).strip() if name.startswith("!") else argument)
    elif name in ("read", "r", ".", "source"):
        if session.depth >= DEPTH:
            session.effects.append(Opaque("SQL files are nested too deeply"))
        elif argument.startswith("|"):
            session.shell(argument[1:])
        else:
            session.depth += 1
            read(session, session.file(value_of(argument.strip().strip("'\""))))
            session.depth -= 1
    elif name in ("output", "once", "out", "tee", "T", "backup", "save", "log", "spool", "excel"):
        words = argument.split()
        if words and words[-1] not in ("stdout", "off", "stderr"):
            session.write(argument if argument.startswith("|") else words[-1])
    elif name == "import" and argument.lstrip("'\"").startswith("|"):
        session.shell(argument.strip("'\"")[1:].rpartition(" ")[0].strip("'\""))
    elif name == "open":
        path = argument.split()[-1] if argument.split() else ":memory:"
        session.database = _file(value_of(path), CLIENTS["sqlite3"], session.invocation)
    elif name == "restore":
        items = split("DROP DATABASE main", dialect("sqlite"))
        session.run += [(item, session.database) for item in items if isinstance(item, Statement)]
    elif name in ("u", "use"):
        session.database = replace(session.database, name=argument.strip())


# ------------------------------------------------------------------------------ whole databases


def dropped(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """dropdb, dropuser, mysqladmin drop: the statement that the tool sends."""
    if call.has("--help", "--version", "--interactive"):
        return
    if call.program == "mysqladmin":
        spec = CLIENTS["mysql"]
        words = [operand.known or "" for operand in call.operands]
        if words[:1] == ["drop"] and len(words) > 1:
            database = replace(target(spec, replace(call, operands=()), invocation, world), name=words[1])
            yield from described([SqlStatement(database, "DROP", "DATABASE", words[1])], invocation, world)
        elif words[:1] == ["shutdown"]:
            database = target(spec, replace(call, operands=()), invocation, world)
            yield SqlStatement(database, "SHUTDOWN", "SERVER")
        return
    database = psql.target(call, invocation, world)
    kind = "USER" if call.program == "dropuser" else "DATABASE"
    for operand in call.operands[:1]:
        name = plain(operand)
        database = replace(database, name=name if kind == "DATABASE" else database.name)
        yield from described([SqlStatement(database, "DROP", kind, name)], invocation, world)


def restored(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """pg_restore --clean drops what the archive holds before making it again."""
    if not call.has("--clean") or call.has("--list", "--help") or call.value("--dbname") is None:
        return
    database = psql.target(replace(call, operands=()), invocation, world)
    kind = "DATABASE" if call.has("--create") else "SCHEMA"
    yield from described([SqlStatement(database, "REPLACE", kind, database.name)], invocation, world)


def dumped(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """pg_dump, mysqldump, mongodump: they only read the server, and write a file here."""
    for option in ("--file", "--result-file", "--out", "--archive", "--output"):
        path = call.value(option)
        if path is not None and path.pieces:
            yield FileOverwrite(absolute(path, invocation))
    drops = _drops_first(call)
    if drops:
        rest = Unknown(Origin.OUTPUT, call.program, many=True)
        yield Output(Value((drops, rest), frozenset({f"cmd:{call.program}"})))


def _drops_first(call: ProgramCall) -> str:
    """The statement by which a dump, when it is read in, takes away what is there; "" where it does not."""
    if call.program == "mysqldump":
        if call.has("--add-drop-database"):
            return "DROP DATABASE IF EXISTS `the dumped ones`;\n"
        kept = call.has("--skip-add-drop-table", "--skip-opt", "--compact", "--no-create-info", "-t")
        return "" if kept and not call.has("--add-drop-table") else "DROP TABLE IF EXISTS `the dumped ones`;\n"
    if call.program in ("pg_dump", "pg_dumpall") and call.has("--clean", "-c"):
        plain_text = (call.value("--format") or literal("p")).known in ("p", "plain")
        return 'DROP TABLE "the dumped ones";\n' if plain_text else ""
    return ""


_CYPHER_DELETE: Final = regex.compile(r"\bMATCH\b(?P<head>[^;]*?)\b(?:DETACH\s+)?DELETE\b", re.IGNORECASE | re.DOTALL)
_CYPHER_QUOTED: Final = regex.compile(r"//[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_CYPHER_DROP: Final = regex.compile(r"\bDROP\s+(DATABASE|INDEX|CONSTRAINT|USER|ROLE)\s+(\S+)", re.IGNORECASE)


def cypher(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """cypher-shell: deletes without a condition, and drops."""
    if call.has("--help", "--version"):
        return
    place = plain(call.value("--address")) or "localhost"
    named = postgres.from_url(place, "neo4j") if "://" in place else None
    host = named.host if named is not None else place.partition(":")[0]
    database = Database("neo4j", host.lower(), "", plain(call.value("--database")))
    texts = [_joined(list(call.operands))] if call.operands else []
    texts += [read_text(path, invocation, world) for path in call.values("--file")]
    if not texts and invocation.stdin is not None:
        texts = [invocation.stdin]
    for value in texts:
        text = _CYPHER_QUOTED.sub("''", rendered(value))
        found = [
            SqlStatement(database, "DELETE", "ROWS", "nodes", bool(re.search(r"\bWHERE\b|\{", match["head"], re.I)))
            for match in _CYPHER_DELETE.finditer(text)
        ]
        found += [
            SqlStatement(database, "DROP", match[1].upper(), match[2].rstrip(";"))
            for match in _CYPHER_DROP.finditer(text)
        ]
        yield from described(found, invocation, world)
