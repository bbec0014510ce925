"""redis-cli: one command from its words, or one a line from standard input.

Sources: the command reference and ``redis-cli --help`` 7.2.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Origin, Unknown, Value, literal, unknown
from agentguard.light import replace
from agentguard.operations import Database, Opaque, ProgramCall, SqlStatement
from agentguard.programs.contract import environment, read_text
from agentguard.programs.sql import rendered
from agentguard.programs.sql_session import plain, scratch
from agentguard.programs.sql_tokens import HOLE
from agentguard.world import postgres
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_WIPING: Final = frozenset(("FLUSHALL", "FLUSHDB", "SHUTDOWN", "SWAPDB", "FAILOVER"))
_WITH_SECOND: Final = {
    "CONFIG": ("SET", "REWRITE"),
    "DEBUG": ("RELOAD", "SEGFAULT", "FLUSHALL", "SLEEP", "RESTART", "CRASH-AND-RECOVER", "CHANGE-REPL-ID"),
    "CLUSTER": ("RESET", "FORGET", "FLUSHSLOTS", "DELSLOTS", "FAILOVER"),
    "ACL": ("DELUSER", "SETUSER", "LOAD"),
    "SCRIPT": ("FLUSH",),
    "FUNCTION": ("FLUSH",),
    "MODULE": ("LOAD", "UNLOAD", "LOADEX"),
    "CLIENT": ("KILL",),
    "XGROUP": ("DESTROY",),
}
_WRITES: Final = regex.compile(r"(?:flushall|flushdb|['\"](?:del|unlink)['\"])", re.IGNORECASE)


def redis_cli(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """What a call of redis-cli does to its server."""
    if call.has("--help", "--version", "--scan", "--bigkeys", "--memkeys", "--stat", "--latency", "--rdb"):
        return
    database = target(call, invocation, world)
    for path in call.values("--eval"):
        yield from _script(read_text(path, invocation, world), database)
    if call.has("--cluster"):
        yield from _cluster(call, database)
        return
    if call.operands and not call.has("--eval"):
        words = list(call.operands)
        if call.has("-x", "-X") and invocation.stdin is not None:
            words.append(invocation.stdin)
        yield from _marked(_command(words, database), invocation, world)
    elif invocation.stdin is not None and not call.has("--eval"):
        for line in _lines(invocation.stdin):
            if line and (line[0].known or "").upper() == "SELECT" and len(line) > 1:
                database = replace(database, name=plain(line[1]))
            yield from _marked(_command(line, database), invocation, world)


def target(call: ProgramCall, invocation: Invocation, world: World) -> Database:
    """``-u redis://…``, or -h, -p and -n; else this machine."""
    url = call.value("-u", "--uri")
    if url is not None:
        return postgres.from_url(plain(url), "redis") or Database("redis")
    host = call.value("-h")
    name = plain(call.value("-n"))
    if host is None:
        host = environment("REDISCLI_HOST", invocation, world)
    text = plain(host).lower()
    if host is not None and not text:
        return Database("redis")
    return Database("redis", text or "localhost", plain(call.value("-p")), name)


def _lines(text: Value) -> Iterator[list[Value]]:
    for line in rendered(text).splitlines():
        try:
            words = shlex.split(line)
        except ValueError:
            words = line.split()
        if words:
            yield [literal(w) if HOLE not in w else unknown(Origin.INPUT, many=w == HOLE) for w in words]


def _marked(found: Iterator[Effect], invocation: Invocation, world: World) -> Iterator[Effect]:
    for effect in found:
        if isinstance(effect, SqlStatement) and scratch(effect, invocation, world):
            effect = replace(effect, detail=effect.detail | {"SCRATCH"})
        yield effect


def _command(words: Sequence[Value], database: Database) -> Iterator[Effect]:
    verb = (words[0].known or "").upper()
    rest = [word.known if word.known is not None else "…" for word in words[1:]]
    second = rest[0].upper() if rest else ""
    if words[0].known is None:
        yield Opaque("the redis command is known only when it runs")
    elif verb in _WIPING:
        yield SqlStatement(database, verb, "SERVER" if verb == "FLUSHALL" else "", database.name)
    elif verb in ("REPLICAOF", "SLAVEOF"):
        if [word.upper() for word in rest] != ["NO", "ONE"]:
            yield SqlStatement(database, "REPLICAOF", "SERVER", " ".join(rest))
    elif second in _WITH_SECOND.get(verb, ()):
        yield SqlStatement(database, verb, second, " ".join(rest[1:2]))
    elif verb in ("DEL", "UNLINK"):
        many = any(isinstance(piece, Unknown) and piece.many for word in words[1:] for piece in word.pieces)
        yield SqlStatement(database, "DEL", "KEYS", " ".join(rest[:3]), not many)
    elif verb in ("EVAL", "EVALSHA", "FCALL"):
        yield from _script(words[1] if len(words) > 1 and verb == "EVAL" else unknown(Origin.INPUT), database)


def _script(text: Value, database: Database) -> Iterator[Effect]:
    """A Lua script: one that flushes or deletes what it finds."""
    source = rendered(text)
    if text.known is None and not source.strip(HOLE):
        yield Opaque("a script that runs inside the redis server")
    elif _WRITES.search(source):
        wide = re.search(r"flush|keys['\"]|scan['\"]", source, re.IGNORECASE) is not None
        yield SqlStatement(database, "EVAL", "SCRIPT", "", not wide)


def _cluster(call: ProgramCall, database: Database) -> Iterator[Effect]:
    verb = plain(call.value("--cluster")).lower()
    if verb in ("del-node", "reshard", "rebalance", "fix"):
        yield SqlStatement(database, "CLUSTER", verb.upper(), "")
    elif verb == "call":
        yield from _command(call.operands[1:], database) if len(call.operands) > 1 else ()
