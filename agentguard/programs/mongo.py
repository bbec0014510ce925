"""mongosh: the JavaScript of --eval, of scripts and of standard input, as statements on databases and collections.

Only calls that change or remove more than one document, or the server, give statements. Sources: the mongosh method
reference; the manual pages of the database tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerScript, Invocation
from agentguard.interpret.values import Value
from agentguard.light import replace
from agentguard.operations import Database, Opaque, ProgramCall, SqlStatement
from agentguard.programs.contract import read_text
from agentguard.programs.sql import rendered
from agentguard.programs.sql_session import described, plain, value_of
from agentguard.programs.sql_tokens import HOLE
from agentguard.world import postgres
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_SKIP: Final = regex.compile(
    r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<string>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`)",
    re.DOTALL,
)
_CALL: Final = regex.compile(r"\.?\s*\b(\w+)\s*\(|\[\s*['\"](\w+)['\"]\s*\]\s*\(")
_USE: Final = regex.compile(r"(?:^|[;\n])\s*use\s+([\w-]+)|(?:getSiblingDB|getDB)\s*\(\s*['\"]([\w-]+)")
#: method → (verb, object); the collection is the word before it
_METHODS: Final = {
    "dropDatabase": ("DROP", "DATABASE"),
    "drop": ("DROP", "COLLECTION"),
    "dropIndexes": ("DROP", "INDEX"),
    "dropIndex": ("DROP", "INDEX"),
    "dropUser": ("DROP", "USER"),
    "dropAllUsersFromDatabase": ("DROP", "USER"),
    "dropRole": ("DROP", "ROLE"),
    "dropAllRoles": ("DROP", "ROLE"),
    "revokeRolesFromUser": ("REVOKE", "PRIVILEGE"),
    "shutdownServer": ("SHUTDOWN", "SERVER"),
    "removeShard": ("DROP", "SHARD"),
    "resetErrors": ("", ""),
}
_BY_FILTER: Final = {"deleteMany": "DELETE", "remove": "DELETE", "updateMany": "UPDATE", "update": "UPDATE"}
_COMMANDS: Final = {
    "dropDatabase": ("DROP", "DATABASE"),
    "drop": ("DROP", "COLLECTION"),
    "dropIndexes": ("DROP", "INDEX"),
    "dropUser": ("DROP", "USER"),
    "dropAllUsersFromDatabase": ("DROP", "USER"),
    "shutdown": ("SHUTDOWN", "SERVER"),
    "replSetReconfig": ("RESET", "REPLICA"),
}
_EMPTY: Final = regex.compile(
    r"\s*(?:\{\s*\}|\{\s*['\"]?_id['\"]?\s*:\s*\{\s*['\"]?\$(?:exists|ne)['\"]?\s*:\s*(?:true|null|1)\s*\}\s*\})?\s*"
)
_SHELL: Final = regex.compile(
    r"(?:child_process|\brun(?:Program|MongoProgram|NonMongoProgram)?\s*\(|\bexec(?:Sync)?\s*\()"
)


def mongosh(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """What a call of mongosh or mongo does to its server."""
    if call.has("--help", "--version"):
        return
    database = target(call, invocation, world)
    texts = list(call.values("--eval"))
    for operand in call.operands:
        if operand.prefix.endswith((".js", ".mongodb")) or (operand.known or "").endswith((".js", ".mongodb")):
            texts.append(read_text(operand, invocation, world))
    texts += [read_text(path, invocation, world) for path in call.values("--file")]
    if not texts and invocation.stdin is not None:
        texts.append(invocation.stdin)
    for text in texts:
        yield from script(text, database, invocation, world)


def target(call: ProgramCall, invocation: Invocation, world: World) -> Database:
    """``mongodb://host/db``, ``host/db``, ``host:port/db``, ``db``; or --host, --port, --db, --uri."""
    words = [operand for operand in call.operands if not (operand.known or "").endswith((".js", ".mongodb"))]
    uri = call.value("--uri")
    named = uri if uri is not None else words[0] if words and call.program == "mongosh" else None
    text = plain(named)
    host, port = plain(call.value("--host")).lower(), plain(call.value("--port"))
    name = plain(call.value("--db"))
    if "://" in text:
        found = postgres.from_url(text, "mongodb")
        return replace(found, name=found.name or name) if found is not None else Database("mongodb")
    if named is not None and (not text or text.startswith("…")):
        return Database("mongodb")
    if "/" in text:
        place, _, name = text.partition("/")
        host, _, port = place.partition(":")
    elif text and ":" in text:
        host, _, port = text.partition(":")
    elif text and "." in text:
        host = text
    elif text:
        name = text
    if "/" in host:
        host = host.rpartition("/")[2]
    return Database("mongodb", host.partition(",")[0].partition(":")[0].lower() or "localhost", port, name)


def script(text: Value, database: Database, invocation: Invocation, world: World) -> Iterator[Effect]:
    """The statements of JavaScript text."""
    source = rendered(text)
    if not source.strip(HOLE + " \t\r\n"):
        if text.unknown:
            yield Opaque("the script is known only when it runs")
        return
    yield from described(_statements(source, database), invocation, world)
    plain_text = _SKIP.sub(lambda match: match[0] if match["string"] else " ", source)
    if _SHELL.search(plain_text):
        found = re.search(r"(?:exec(?:Sync)?|system)\s*\(\s*(['\"`])(.*?)\1", plain_text, re.DOTALL)
        if found is not None:
            yield InnerScript(value_of(found[2]), "mongosh")
        else:
            yield Opaque("the script starts other programs")
    elif re.search(r"\bload\s*\(", plain_text):
        for path in re.findall(r"\bload\s*\(\s*['\"]([^'\"]+)", plain_text):
            yield from _loaded(path, database, invocation, world)


def _loaded(path: str, database: Database, invocation: Invocation, world: World) -> Iterator[Effect]:
    inner = read_text(value_of(path), invocation, world)
    if inner.known is None:
        yield Opaque(f"{path} cannot be read")
    else:
        yield from described(_statements(inner.known, database), invocation, world)


def _statements(source: str, database: Database) -> Iterator[SqlStatement]:
    masked = _masked(source)
    for call in _CALL.finditer(source):
        name = call[1] or call[2]
        if masked[call.start(1) if call[1] else call.start()] == "\0":
            continue
        arguments = _arguments(source, masked, call.end())
        here = _current(source[: call.start()], database)
        owner = _owner(source[: call.start()])
        yield from _call(name, arguments, here, owner)


def _call(name: str, arguments: list[str], database: Database, owner: str) -> Iterator[SqlStatement]:
    first = arguments[0] if arguments else ""
    if name in _METHODS:
        verb, kind = _METHODS[name]
        label = database.name if kind == "DATABASE" else first.strip("'\" ") if kind in ("USER", "ROLE") else owner
        if name == "drop" and not owner:
            return
        if verb:
            yield SqlStatement(database, verb, kind, label)
    elif name in _BY_FILTER and owner:
        if name == "update" and "multi" not in "".join(arguments[2:]):
            return
        if name == "remove" and re.search(r"justOne|true|\b1\b", "".join(arguments[1:])):
            return
        yield SqlStatement(database, _BY_FILTER[name], "ROWS", owner, _EMPTY.fullmatch(first) is None)
    elif name in ("runCommand", "adminCommand"):
        for command, (verb, kind) in _COMMANDS.items():
            found = re.match(rf"\s*(?:\{{\s*)?['\"]?{command}['\"]?\s*(?::\s*['\"]?([^'\",}}]*)|['\"]?\s*$)", first)
            if found is not None:
                yield SqlStatement(database, verb, kind, database.name if kind == "DATABASE" else found[1] or "")
        deleted = re.search(r"^\s*\{\s*['\"]?delete['\"]?\s*:\s*['\"](\w+)", first)
        if deleted is not None:
            whole = re.search(r"['\"]?q['\"]?\s*:\s*\{\s*\}", first) is not None
            yield SqlStatement(database, "DELETE", "ROWS", deleted[1], not whole)
    elif name == "bulkWrite" and re.search(r"deleteMany['\"]?\s*:\s*\{\s*['\"]?filter['\"]?\s*:\s*\{\s*\}", first):
        yield SqlStatement(database, "DELETE", "ROWS", owner, False)
    elif name == "renameCollection" and len(arguments) > 1 and arguments[1].strip() in ("true", "1"):
        yield SqlStatement(database, "DROP", "COLLECTION", first.strip("'\" "))
    elif name == "aggregate" and re.search(r"['\"]?\$out['\"]?\s*:", "".join(arguments)):
        yield SqlStatement(database, "INSERT", "OVERWRITE", owner)


def _masked(source: str) -> str:
    """The text with comments and the inside of strings replaced, so that positions stay."""
    return _SKIP.sub(lambda match: "\0" * len(match[0]), source)


def _arguments(source: str, masked: str, start: int) -> list[str]:
    """The arguments of a call, cut at the commas of its own level."""
    depth, begin, found = 1, start, []
    for index in range(start, min(len(source), start + 20_000)):
        sign = masked[index]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                found.append(source[begin:index])
                break
        elif sign == "," and depth == 1:
            found.append(source[begin:index])
            begin = index + 1
    return [argument for argument in found if argument.strip()]


def _owner(before: str) -> str:
    """The collection in front of a method: ``db.users``, ``db["users"]``, ``db.getCollection('users')``."""
    tail = before[-200:].rstrip()
    found = re.search(
        r"(?:getCollection\s*\(\s*['\"]([^'\"]+)['\"]\s*\)|\[\s*['\"]([^'\"]+)['\"]\s*\]|([\w$]+))$", tail
    )
    if found is None:
        return "…" if tail.endswith((")", "]", HOLE)) else ""
    name = found[1] or found[2] or found[3]
    return "" if name == "db" and found[3] else name


def _current(before: str, database: Database) -> Database:
    """``use shop`` and ``getSiblingDB('shop')`` before a call."""
    names = [first or second for first, second in _USE.findall(before)]
    return replace(database, name=names[-1]) if names else database


def restored(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """mongorestore and mongoimport with --drop."""
    if not call.has("--drop") or call.has("--dryRun", "--help"):
        return
    database = target(call, invocation, world)
    yield from described([SqlStatement(database, "REPLACE", "COLLECTION", database.name)], invocation, world)
