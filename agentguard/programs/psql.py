"""psql and its kin: SQL from -c, -f and standard input, backslash commands, and the target as libpq finds it.

Sources: psql 15 manual page, libpq's section on connection strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Value
from agentguard.light import replace
from agentguard.operations import Database, Opaque, ProgramCall
from agentguard.programs.contract import environment
from agentguard.programs.sql import rendered
from agentguard.programs.sql_session import DEPTH, Session, plain, value_of
from agentguard.programs.sql_tokens import ClientCommand, Statement, dialect, split
from agentguard.world import postgres, reading
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_POSTGRES: Final = dialect("postgres")
_SHELL_QUOTES: Final = regex.compile(r"`([^`]*)`")
_PROGRAM: Final = regex.compile(r"\b(?:to|from)\s+program\s+'((?:[^']|'')*)'", re.IGNORECASE)
_COPY_TO: Final = regex.compile(r"\bto\s+('(?:[^']|'')*'|[^\s'(]+)", re.IGNORECASE)
_SET: Final = regex.compile(r"^\s*\\set\s+(\w+)[ \t]+(\S.*)$", re.MULTILINE)
_VARIABLE: Final = regex.compile(r"(?<![:\w]):(?:'(\w+)'|\"(\w+)\"|(\w+))")


def psql(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """What a call of psql sends to its server, and what it runs and writes here."""
    if call.has("--list", "--version", "--help"):
        return
    session = Session(invocation, world, call.program, target(call, invocation, world))
    variables = dict(_assigned(call.values("--set")))
    texts = False
    for option in call.options:
        if option.name == "--command" and option.value is not None:
            texts = True
            _read(session, option.value, variables)
        elif option.name == "--file" and option.value is not None:
            texts = True
            _read(session, _source(session, option.value), variables)
        elif option.name in ("--output", "--log-file") and option.value is not None:
            session.write(rendered(option.value))
    if not texts and invocation.stdin is not None:
        _read(session, invocation.stdin, variables)
    yield from session.finish()


def target(call: ProgramCall, invocation: Invocation, world: World) -> Database:
    """The database of a call of psql, pg_restore, dropdb …: connection text, options, service, environment."""

    def lookup(name: str) -> str | None:
        value = environment(name, invocation, world)
        return None if value is None else plain(value)

    named = call.value("--dbname")
    if named is None and call.operands and call.program in _WITH_OPERANDS:
        named = call.operands[0]
    user = call.value("--username")
    if user is None and len(call.operands) > 1 and call.program in _WITH_OPERANDS:
        user = call.operands[1]
    return connection(
        named,
        postgres.Conninfo(plain(call.value("--host")).lower(), plain(call.value("--port")), "", plain(user)),
        lookup,
        lambda path: reading.text(path, invocation, world),
        world,
    )


_WITH_OPERANDS: Final = frozenset(("psql", "pgcli", "pg_dump", "pgbench"))


def connection(
    named: Value | None,
    options: postgres.Conninfo,
    lookup: postgres.Lookup,
    read: postgres.Reader,
    world: World,
) -> Database:
    """``named`` is a database name or a connection text; where it is not known, nothing is said of the host."""
    text = plain(named)
    if named is not None and (not text or "…" in text) and not options.host:
        given = postgres.conninfo(text) if "://" in text or "=" in text else None
        if given is not None and given.host and "…" not in given.host:
            return Database("postgres", given.host, given.port, given.name, given.user)
        if not text or text.startswith("…") or given is not None:
            return Database("postgres", "", "", "", options.user)
    given = postgres.conninfo(text) if named is not None else None
    if given is None:
        given = postgres.Conninfo(name=text)
    return postgres.target(given, options, lookup, read, world)


def _source(session: Session, path: Value) -> Value:
    if path.known in ("-", "/dev/stdin"):
        stdin = session.invocation.stdin
        return stdin if stdin is not None else Value()
    return session.file(path)


def _assigned(values: tuple[Value, ...]) -> Iterator[tuple[str, str]]:
    for value in values:
        name, sign, text = rendered(value).partition("=")
        if sign:
            yield name, text


# -------------------------------------------------------------------------------------- the text


def _read(session: Session, value: Value, variables: dict[str, str]) -> None:
    text = rendered(value)
    if not text.strip("\ufffc \t\r\n") and value.unknown:
        session.effects.append(Opaque("the SQL text is known only when it runs"))
        return
    known = {**variables, **{name: rest.strip().strip("'") for name, rest in _SET.findall(text)}}
    if known and ":" in text:
        text = _VARIABLE.sub(lambda match: known.get(match[1] or match[2] or match[3], match[0]), text)
    for item in split(text, _POSTGRES):
        if isinstance(item, Statement):
            session.run.append((item, session.database))
        else:
            _command(session, item, known)


def _command(session: Session, command: ClientCommand, variables: dict[str, str]) -> None:
    """A command with a backslash."""
    name, argument = command.name, command.argument
    if name.startswith("!"):
        session.shell(name[1:] + argument)
        return
    for text in _SHELL_QUOTES.findall(argument):
        session.shell(text)
    if name in ("i", "ir", "include", "include_relative"):
        _include(session, argument, variables)
    elif name == "copy":
        _copy(session, argument)
    elif name in ("o", "out", "g", "gx", "w", "write"):
        session.write(re.sub(r"^\([^)]*\)\s*", "", argument))
    elif name in ("c", "connect"):
        session.database = _reconnected(session, argument)
    elif name in ("lo_unlink", "password"):
        text = f"SELECT lo_unlink({argument})" if name == "lo_unlink" else f"ALTER USER {argument or 'me'} PASSWORD ''"
        _statements(session, text)
    elif name in ("e", "ed", "edit", "ef", "ev"):
        session.effects.append(Opaque("psql runs what an editor leaves"))


def _statements(session: Session, text: str) -> None:
    session.run += [(item, session.database) for item in split(text, _POSTGRES) if isinstance(item, Statement)]


def _include(session: Session, argument: str, variables: dict[str, str]) -> None:
    path = argument.strip().strip("'\"")
    if session.depth >= DEPTH or not path:
        session.effects.append(Opaque("SQL files are nested too deeply"))
        return
    session.depth += 1
    _read(session, session.file(value_of(path)), variables)
    session.depth -= 1


def _copy(session: Session, argument: str) -> None:
    """``\\copy``: a file or a program on this machine."""
    program = _PROGRAM.search(argument)
    if program is not None:
        session.shell(program[1].replace("''", "'"))
    if argument.startswith("("):
        _statements(session, argument[1:])
        argument = argument[argument.rfind(")") :]
    found = _COPY_TO.search(argument)
    if found is not None and program is None and found[1].lower() not in ("stdout", "pstdout"):
        session.write(found[1].strip("'"))


def _reconnected(session: Session, argument: str) -> Database:
    """``\\c shop``, ``\\c shop user host port`` (``-`` keeps), ``\\c postgres://…``."""
    words = [word.strip("'\"") for word in argument.split() if word != "-reuse-previous=on"]
    now = session.database
    if not words:
        return now
    given = postgres.conninfo(argument.strip().strip("'\""))
    if given is not None:
        return Database("postgres", given.host or "localhost", given.port, given.name, given.user)
    parts = [*words, *["-"] * 4][:4]
    keys = ("name", "user", "host", "port")
    return replace(now, **{key: word for key, word in zip(keys, parts, strict=True) if word != "-"})
