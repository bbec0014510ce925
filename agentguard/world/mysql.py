"""What the option files of MySQL clients say: ``--defaults-file``, ``~/.my.cnf`` and the system's own."""

from __future__ import annotations

from collections.abc import Mapping

from agentguard.interpret.invocation import Invocation
from agentguard.operations import ProgramCall
from agentguard.world import reading
from agentguard.world.protocol import World

_SYSTEM = ("/etc/my.cnf", "/etc/mysql/my.cnf")


def defaults(call: ProgramCall, invocation: Invocation, world: World) -> Mapping[str, str]:
    """``host``, ``port``, ``name`` and ``user`` from the files that a client reads; later files and groups win.

    ``host`` is ``?`` where a file or a login path is named and cannot be read: then nothing is known of the server.
    """
    if call.has("--no-defaults") or invocation.place:
        return {}
    only, extra = call.value("--defaults-file"), call.value("--defaults-extra-file")
    paths = [*_SYSTEM, f"{world.home}/.my.cnf"] if only is None else []
    named = [value.known for value in (only, extra) if value is not None]
    found: dict[str, str] = {}
    if call.value("--login-path") is not None or None in named:
        found["host"] = "?"
    suffix = call.value("--defaults-group-suffix")
    groups = ("client", call.program, *((f"client{suffix}", f"{call.program}{suffix}") if suffix is not None else ()))
    for path in (*paths, *(path for path in named if path is not None)):
        content = reading.text(reading.at_home(path, world), invocation, world)
        if content is None:
            if path in named:
                found["host"] = "?"
            continue
        for group in groups:
            found.update({key: reading.scalar(value) for key, value in reading.section(content, group).items()})
    names = {"host": "host", "port": "port", "database": "name", "user": "user"}
    return {names[key]: value for key, value in found.items() if key in names}
