"""What the redirections of any command do to files."""

from __future__ import annotations

from collections.abc import Iterable

from agentguard.interpret.invocation import Effect, Invocation
from agentguard.operations import DeviceWrite, FileOverwrite, FileRead
from agentguard.programs.contract import absolute
from agentguard.world.protocol import World

_HARMLESS = ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/tty", "/dev/full", "/dev/zero")


def redirections(invocation: Invocation, world: World) -> Iterable[Effect]:
    """Reads, overwrites and appends of one invocation. Descriptors and the null device are nothing."""
    for item in invocation.redirections:
        known = item.target.known
        if item.operator in ("<<", "<<-", "<<<") or known in _HARMLESS or (known or "").startswith("/dev/fd/"):
            continue
        if item.operator in (">&", "<&") and (known is None or known.rstrip("-").isdigit() or known == "-"):
            continue
        path = absolute(item.target, invocation)
        if item.operator in ("<", "<>"):
            yield FileRead(path)
        elif (known or "").startswith("/dev/") and not (known or "").startswith(
            ("/dev/shm/", "/dev/tcp/", "/dev/udp/")
        ):
            yield DeviceWrite(path)
        else:
            yield FileOverwrite(path, append=item.operator in (">>", "&>>"))
