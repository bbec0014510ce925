"""Variables set on the command line that change what a program does."""

from __future__ import annotations

from collections.abc import Iterable

from agentguard.interpret.invocation import Effect, Invocation
from agentguard.world.protocol import World


def environment(invocation: Invocation, world: World) -> Iterable[Effect]:
    """What the changed variables of an invocation make it do besides."""
    return ()
