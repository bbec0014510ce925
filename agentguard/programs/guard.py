"""Operations that touch the guard itself."""

from __future__ import annotations

from collections.abc import Iterable

from agentguard.interpret.invocation import Invocation
from agentguard.operations import Operation
from agentguard.world.protocol import World


def tamper(operation: Operation, invocation: Invocation, world: World) -> Iterable[Operation]:
    """What an operation does to the guard."""
    return ()
