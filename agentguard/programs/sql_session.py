"""What every SQL client shares: text from options, files and standard input, and the effects of its statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerScript, Invocation
from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.light import dataclass, field, replace
from agentguard.operations import Database, FileOverwrite, Opaque, SqlStatement
from agentguard.programs.contract import absolute, read_text
from agentguard.programs.sql import facts, rendered
from agentguard.programs.sql_tokens import HOLE, Statement
from agentguard.world.environments import PRODUCTION, classify
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: how deep files that read files are followed
DEPTH: Final = 5
_SCRATCH_NAME: Final = regex.compile(
    r"(?:^|[_\-./])(?:tests?|testing|tmp|temp|scratch|throwaway|e2e|ci)(?:db)?(?:[_\-.]|\d|$)", re.I
)
_LOCAL_HOSTS: Final = frozenset(("localhost", "127.0.0.1", "::1", "0.0.0.0", ""))
_INSIDE: Final = ("container ", "service ", "docker ")


@dataclass(slots=True)
class Session:
    """One run of a client: the statements it sends, in order, and what it does besides."""

    invocation: Invocation
    world: World
    step: str
    database: Database
    run: list[tuple[Statement, Database]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    depth: int = 0
    #: the database is a copy of the tool's own, made to be thrown away
    scratch: bool = False

    def file(self, path: Value) -> Value:
        return read_text(path, self.invocation, self.world)

    def shell(self, text: str) -> None:
        """Text that the client hands to a shell."""
        if text.strip():
            self.effects.append(InnerScript(value_of(text), self.step))

    def write(self, name: str) -> None:
        """A file that the client writes, or a shell text after a bar."""
        name = name.strip().strip("'\"")
        if name.startswith("|"):
            self.shell(name[1:])
        elif name and name != "/dev/null":
            self.effects.append(FileOverwrite(absolute(value_of(name), self.invocation)))

    def finish(self) -> Iterator[Effect]:
        """Everything the session does."""
        yield from self.effects
        for effect in described(facts(self.run), self.invocation, self.world):
            if self.scratch and isinstance(effect, SqlStatement):
                effect = replace(effect, detail=effect.detail | {"SCRATCH"})
            yield effect


def value_of(text: str) -> Value:
    """Text with HOLEs as a value again."""
    parts = text.split(HOLE)
    pieces = [literal(parts[0])]
    for part in parts[1:]:
        pieces += [unknown(Origin.EXPANSION), literal(part)]
    return concat(pieces)


def described(found: Iterable[SqlStatement], invocation: Invocation, world: World) -> Iterator[Effect]:
    """Statements as effects: marked where they only hit a scratch database, and what cannot be seen said so."""
    for fact in found:
        if fact.verb == "UNKNOWN":
            yield Opaque("the statement is known only when it runs")
            continue
        if fact.verb == "CALL" and fact.object in ("PROCEDURE", "STATEMENT") and not fact.detail:
            yield Opaque(f"what the procedure {fact.name} does cannot be seen from here")
        if scratch(fact, invocation, world):
            fact = replace(fact, detail=fact.detail | {"SCRATCH"})
        yield fact


def scratch(fact: SqlStatement, invocation: Invocation, world: World) -> bool:
    """Whether a statement hits a local database that is plainly there to be thrown away."""
    database = fact.database
    name = fact.name if fact.object == "DATABASE" and database.engine != "sqlite" else database.name
    if database.engine in ("sqlite", "duckdb"):
        if database.host != "localhost":
            return False
        return _scratch_file(name, invocation)
    place = invocation.place
    if database.host not in _LOCAL_HOSTS or (place and not place.startswith(_INSIDE)):
        return False
    if PRODUCTION in (classify("databases", name, world.settings), classify("hosts", place, world.settings)):
        return False
    return bool(name) and all(_SCRATCH_NAME.search(one) for one in name.split(", "))


def _scratch_file(path: str, invocation: Invocation) -> bool:
    if path in (":memory:", ""):
        return True
    if path in invocation.created:
        return True
    if path.startswith(("/tmp/", "/var/tmp/", "/dev/shm/")):
        return True
    base = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return _SCRATCH_NAME.search(base) is not None and "prod" not in base


def plain(value: Value | None) -> str:
    """The text of a value for a target; empty where nothing, or nothing certain, is known of it."""
    if value is None:
        return ""
    return value.known if value.known is not None else rendered(value).replace(HOLE, "…")
