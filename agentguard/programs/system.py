"""Processes: which ones a listing names, and a signal to those."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, Invocation, Output
from agentguard.interpret.values import Origin, literal, unknown
from agentguard.light import replace
from agentguard.operations import Option, ProgramCall
from agentguard.world.protocol import World

_PROCESS = "process:"


def pgrep(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Process numbers, with the pattern they were found by as their source."""
    patterns = [f"{_PROCESS}{operand}" for operand in call.operands]
    yield Output(unknown(Origin.OUTPUT, call.program, many=True, sources=(f"cmd:{call.program}", *patterns)))


def init_script(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``/etc/init.d/NAME stop`` is ``service NAME stop``."""
    known = invocation.argv[0].known or ""
    if known.startswith(("/etc/init.d/", "/etc/rc.d/", "/usr/local/etc/rc.d/")):
        yield ProgramCall("service", (), (), (literal(known.rpartition("/")[2]), *invocation.argv[1:]))


def kill(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``kill $(pgrep NAME)`` is ``pkill NAME``."""
    patterns = {s.removeprefix(_PROCESS) for o in call.operands for s in o.sources if s.startswith(_PROCESS)}
    for pattern in sorted(patterns):
        yield replace(
            call, program="pkill", options=(*call.options, Option("--full")), operands=(literal(pattern),), opaque=False
        )
