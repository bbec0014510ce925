"""Which database an application talks to: its command line, the environment, the ``.env`` files of the project.

Used where a tool finds its database by itself (migration tools and web frameworks).
"""

from __future__ import annotations

import re

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.operations import Database, Operation, ProgramCall
from agentguard.world import postgres, reading
from agentguard.world.environments import LOCAL, PRODUCTION, UNKNOWN, classify, of_place
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_URL_OPTIONS: Final = (
    *("--url", "--database-url", "-url", "--db-url", "-database", "--database", "-d", "--dburl", "--connection"),
    *("-u", "--connection-string"),
)
_ENV_OPTIONS: Final = ("--env", "--environment", "-e", "--settings", "--env-name")
_URL_VARIABLES: Final = (
    *("DATABASE_URL", "POSTGRES_URL", "POSTGRES_PRISMA_URL", "DIRECT_URL", "DB_URL", "MYSQL_URL", "MONGODB_URI"),
    *("MONGO_URL", "GOOSE_DBSTRING", "FLYWAY_URL", "LIQUIBASE_COMMAND_URL", "SQLALCHEMY_DATABASE_URI"),
)
_HOST_VARIABLES: Final = ("DB_HOST", "DATABASE_HOST", "PGHOST", "POSTGRES_HOST", "MYSQL_HOST")
_NAME_VARIABLES: Final = ("DB_DATABASE", "DB_NAME", "DATABASE_NAME", "PGDATABASE", "POSTGRES_DB")
_MODE_VARIABLES: Final = (
    *("RAILS_ENV", "RACK_ENV", "NODE_ENV", "APP_ENV", "MIX_ENV", "FLASK_ENV", "DJANGO_ENV", "SYMFONY_ENV"),
    *("DJANGO_SETTINGS_MODULE", "ASPNETCORE_ENVIRONMENT", "ENVIRONMENT"),
)
_FILES: Final = (".env.local", ".env", "prisma/.env", ".env.development")


def application(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """``(name, environment)`` of the database that a call of a migration tool hits."""
    assert isinstance(operation, ProgramCall)
    database = _named(operation)
    if database is None:
        database = _from(lambda name: reading.variable(name, invocation, world))
    mode = _mode(operation, invocation, world)
    if database is None:
        database = _from(_project(invocation, world).get)
    if database is None:
        where = PRODUCTION if mode == PRODUCTION else of_place(invocation.place, world.settings)
        return _words(mode) or _place_name(invocation), where
    where = database.host + (f":{database.port}" if database.port else "")
    label = "/".join(part for part in (where, database.name) if part)
    found = environment(database, world)
    return label, PRODUCTION if mode == PRODUCTION and found != LOCAL else found


def environment(database: Database, world: World) -> str:
    """Where a database lies, by its host and its name."""
    by_host = classify("hosts", database.host, world.settings)
    by_name = classify("databases", database.name, world.settings)
    if PRODUCTION in (by_host, by_name):
        return PRODUCTION
    if by_host == LOCAL:
        return LOCAL
    return by_host if by_host != UNKNOWN else by_name


def _named(call: ProgramCall) -> Database | None:
    """A URL on the command line, as an option or an operand."""
    words: list[Value] = [*call.values(*_URL_OPTIONS), *call.operands]
    for word in words:
        text = word.known or ""
        if "://" in text or text.startswith(("sqlite:", "jdbc:", "file:")):
            found = postgres.from_url(text)
            if found is not None:
                return found
        elif re.search(r"\bhost=", text):
            info = postgres.conninfo(text)
            if info is not None:
                return Database("postgres", info.host, info.port, info.name, info.user)
    return None


def _from(lookup: postgres.Lookup) -> Database | None:
    for name in _URL_VARIABLES:
        found = postgres.from_url(lookup(name) or "", "")
        if found is not None:
            return found
    for variable in _HOST_VARIABLES:
        host = lookup(variable)
        if host:
            names = [value for value in map(lookup, _NAME_VARIABLES) if value]
            return Database("sql", host.lower(), "", names[0] if names else "")
    return None


def _project(invocation: Invocation, world: World) -> dict[str, str]:
    """The variables of the project's own ``.env`` files; the first file that sets one wins."""
    found: dict[str, str] = {}
    for name in _FILES:
        for key, value in reading.assigned(reading.text(name, invocation, world) or ""):
            found.setdefault(key, value)
    return found


def _mode(call: ProgramCall, invocation: Invocation, world: World) -> str:
    """What the mode of the framework (``RAILS_ENV=production``, ``--env production``) means."""
    for value in call.values(*_ENV_OPTIONS):
        if value.known and classify("profiles", value.known, world.settings) != UNKNOWN:
            return classify("profiles", value.known, world.settings)
    said = dict(word.known.partition("=")[::2] for word in call.operands if word.known and "=" in word.known)
    for name in _MODE_VARIABLES:
        text = said.get(name) or reading.variable(name, invocation, world)
        if text and classify("profiles", text, world.settings) != UNKNOWN:
            return classify("profiles", text, world.settings)
    return UNKNOWN


def _words(mode: str) -> str:
    return f"the {mode} database" if mode != UNKNOWN else ""


def _place_name(invocation: Invocation) -> str:
    return f"the database of {invocation.place}" if invocation.place else "the application's database"
