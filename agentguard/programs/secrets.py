"""Secrets that an operation reads, shows, sends or uses."""

from __future__ import annotations

from collections.abc import Iterable

from agentguard.interpret.invocation import Invocation
from agentguard.operations import Operation
from agentguard.world.protocol import World


def secrets(operation: Operation, invocation: Invocation, world: World) -> Iterable[Operation]:
    """The secrets that an operation brings into play."""
    return ()
