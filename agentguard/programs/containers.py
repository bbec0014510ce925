"""Container commands whose operands come from the engine itself: ``docker rm -f $(docker ps -aq)`` means all."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Unknown, Value
from agentguard.light import replace
from agentguard.operations import Option, ProgramCall
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_ENGINES: Final = frozenset(("cmd:docker", "cmd:podman", "cmd:nerdctl"))
_REMOVING: Final = frozenset((("rm",), ("container", "rm"), ("pod", "rm")))


def every(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A removal of whatever a listing prints is the removal with ``--all``."""
    if call.subcommand in _REMOVING and any(map(_listed, call.operands)) and not call.has("--all"):
        yield replace(call, options=(*call.options, Option("--all")), operands=(), opaque=False)


def _listed(operand: Value) -> bool:
    return operand.unknown and (
        not _ENGINES.isdisjoint(operand.sources)
        or any(isinstance(piece, Unknown) and f"cmd:{piece.detail}" in _ENGINES for piece in operand.pieces)
    )
