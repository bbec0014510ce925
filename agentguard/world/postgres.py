"""Where a PostgreSQL client connects: URL, key=value text, service file, environment, defaults — as libpq does.

Nothing here decides what a target means; see environments.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlsplit

from agentguard import regex
from agentguard.light import dataclass, replace
from agentguard.operations import Database
from agentguard.world import reading
from agentguard.world.protocol import World

#: looks a variable of the environment up, as the program would see it; None where unset
Lookup = Callable[[str], str | None]
#: reads a file as the program would; None where it cannot be read
Reader = Callable[[str], str | None]

_ENGINES = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "pgsql": "postgres",
    "postgis": "postgres",
    "cockroachdb": "cockroach",
    "redshift": "redshift",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mysql2": "mysql",
    "sqlserver": "mssql",
    "mssql": "mssql",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "file": "sqlite",
    "libsql": "sqlite",
    "clickhouse": "clickhouse",
    "clickhousedb": "clickhouse",
    "mongodb": "mongodb",
    "mongodb+srv": "mongodb",
    "redis": "redis",
    "rediss": "redis",
    "valkey": "redis",
    "oracle": "oracle",
    "snowflake": "snowflake",
}
_URL = regex.compile(r"(?:jdbc:)?([A-Za-z][A-Za-z0-9+]*)(?:\+\w+)?://")
_PAIR = regex.compile(r"(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))")
_KEYS = {"host": "host", "hostaddr": "host", "port": "port", "dbname": "name", "user": "user"}
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "name": "PGDATABASE", "user": "PGUSER"}


@dataclass(frozen=True, slots=True)
class Conninfo:
    """What a connection text says; empty where it says nothing."""

    host: str = ""
    port: str = ""
    name: str = ""
    user: str = ""
    service: str = ""


def engine_of(url: str) -> str:
    """The engine that the scheme of a URL means, or ""."""
    match = _URL.match(url)
    if match is None:
        return "sqlite" if url.startswith(("file:", "sqlite:", "jdbc:sqlite:")) else ""
    scheme = match[1].lower()
    return _ENGINES.get(scheme) or _ENGINES.get(scheme.partition("+")[0], "")


def from_url(url: str, engine: str = "") -> Database | None:
    """The database a URL names (``postgres://user:pw@host:5432/name``, with ``jdbc:`` or not), or None."""
    found = engine_of(url) or engine
    if not found:
        return None
    if found == "sqlite":
        path = re.sub(r"^(?:jdbc:)?(?:sqlite3?|file):(?://)?", "", url).partition("?")[0]
        if not url.startswith("libsql"):
            return Database("sqlite", "localhost", "", path)
    info = _conninfo_url(url.removeprefix("jdbc:"))
    return Database(found, info.host, info.port, info.name, info.user)


def _conninfo_url(url: str) -> Conninfo:
    try:
        parts = urlsplit(url)
    except ValueError:
        return Conninfo()
    query = dict(parse_qsl(parts.query))
    userinfo, _, place = parts.netloc.rpartition("@")
    places = [_place(one) for one in (query.get("host") or place).split(",")]
    host = ",".join(dict.fromkeys(one for one, _ in places if one))
    name = unquote(parts.path.lstrip("/")) or query.get("dbname", "") or query.get("database", "")
    return Conninfo(
        unquote(host),
        query.get("port") or places[0][1],
        name,
        unquote(userinfo.partition(":")[0]) or query.get("user", ""),
        query.get("service", ""),
    )


def _place(text: str) -> tuple[str, str]:
    """``host:port`` (with a bracketed address) in its two parts; the host in lower case."""
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d+))?", text)
    return (match[1].strip("[]").lower(), match[2] or "") if match else (text.lower(), "")


def conninfo(text: str) -> Conninfo | None:
    """A URL or ``host=… dbname=…`` as libpq reads it; None where the text is a plain database name."""
    if re.match(r"postgres(?:ql)?://", text):
        return _conninfo_url(text)
    if "=" not in text:
        return None
    found: dict[str, str] = {}
    service = ""
    for key, quoted, plain in _PAIR.findall(text):
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        if key == "service":
            service = value
        elif key in _KEYS:
            found[_KEYS[key]] = value
    return Conninfo(
        found.get("host", "").lower(), found.get("port", ""), found.get("name", ""), found.get("user", ""), service
    )


def service(name: str, lookup: Lookup, read: Reader, world: World) -> Conninfo | None:
    """A section of the connection service file (``PGSERVICEFILE``, ``~/.pg_service.conf``, the system's); None where
    none has it."""
    directory = lookup("PGSYSCONFDIR") or "/etc/postgresql-common"
    for path in (lookup("PGSERVICEFILE") or f"{world.home}/.pg_service.conf", f"{directory}/pg_service.conf"):
        content = read(path)
        section = reading.section(content, name) if content is not None else {}
        if section:
            lines = " ".join(f"{key}='{value}'" for key, value in section.items())
            return conninfo(lines) or Conninfo()
    return None


def target(given: Conninfo, options: Conninfo, lookup: Lookup, read: Reader, world: World) -> Database:
    """The database that libpq would connect to: the connection text, then options, service file, environment.

    A service that no file describes leaves the host unknown.
    """
    name = given.service or lookup("PGSERVICE")
    layers = [given, options]
    missing = False
    if name:
        found = service(name, lookup, read, world)
        missing = found is None
        layers.append(found or Conninfo())
    layers.append(Conninfo(**{key: lookup(variable) or "" for key, variable in _VARIABLES.items()}))
    if not layers[-1].host and lookup("PGHOSTADDR"):
        layers[-1] = replace(layers[-1], host=lookup("PGHOSTADDR") or "")

    def first(key: str) -> str:
        return next((str(getattr(layer, key)) for layer in layers if getattr(layer, key)), "")

    host = first("host")
    user = first("user")
    if not host and missing:
        return Database("postgres", "", first("port"), first("name") or f"service {name}", user)
    if not host or host.startswith(("/", "@")):
        host = "localhost"
    return Database("postgres", host.lower(), first("port"), first("name") or user, user)
