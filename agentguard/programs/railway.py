"""What Railway's command line starts: ``railway run`` here with the variables of a service, ``railway ssh`` there."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import EMPTY, Origin, Value, literal, unknown
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.wrappers import INJECTED
from agentguard.world.protocol import World

#: variables that a linked service usually brings along; what the project's own files say of them does not hold
_BROUGHT = (
    *("DATABASE_URL", "DATABASE_PUBLIC_URL", "DIRECT_URL", "PGHOST", "PGDATABASE"),
    *("MYSQL_URL", "MYSQLHOST", "MONGO_URL", "REDIS_URL"),
)
#: what ``railway connect SERVICE`` starts, by a word in the name of the service
_CLIENTS = (("redis", "redis-cli"), ("mongo", "mongosh"), ("mysql", "mysql"))


def _brought(step: str) -> dict[str, Value | None]:
    return {name: unknown(Origin.VARIABLE, f"{name} of {step}", sources=(f"env:{name}",)) for name in _BROUGHT}


def starts(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``railway run COMMAND``, ``shell``, ``ssh COMMAND``, ``sandbox exec COMMAND``."""
    words = call.operands
    step = " ".join((call.program, *call.subcommand))
    service = str(call.value("--service") or EMPTY)
    match call.subcommand:
        case ("run",) if words:
            if len(words) == 1 and " " in str(words[0]):
                yield InnerScript(words[0], step, env=_brought(step), tags=INJECTED)
            else:
                yield InnerCommand(words, step, env=_brought(step), tags=INJECTED)
        case ("shell",) if invocation.stdin is not None:
            yield InnerScript(invocation.stdin, step, env=_brought(step), tags=INJECTED)
        case ("connect",) if invocation.stdin is not None:
            client = next((c for word, c in _CLIENTS if word in str(words[:1]).lower()), "psql")
            yield InnerCommand((literal(client),), step, env=_brought(step), stdin=invocation.stdin, tags=INJECTED)
        case ("ssh",) | ("sandbox", "exec") | ("sandbox", "ssh") | ("ca", "ssh") if len(words) > 1:
            yield InnerCommand(words, step, clear_env=True, place=f"railway {service}".strip())
        case ("ssh",) | ("sandbox", "exec") | ("sandbox", "ssh") | ("ca", "ssh") if words:
            yield InnerScript(words[0], step, place=f"railway {service}".strip())
        case ("ssh",) if invocation.stdin is not None:
            yield InnerScript(invocation.stdin, step, place=f"railway {service}".strip())
        case ("shell",):
            yield Opaque("a shell with the variables of a Railway service")
        case ("ssh",):
            yield Opaque("a session in a running Railway service")
