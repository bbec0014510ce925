"""What an adapter is: a pure function from a parsed call to effects.

``adapter(call, invocation, world)`` gets the words already sorted by the program's option table and yields
operations, inner commands, inner scripts, known output and written files. It prints nothing and decides nothing.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable

from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.operations import ProgramCall
from agentguard.world.protocol import World

Adapter = Callable[[ProgramCall, Invocation, World], Iterable[Effect]]


def absolute(path: Value, invocation: Invocation) -> Value:
    """``path`` joined to the working directory of the invocation; absolute and ``~``-less paths stay."""
    if not path.pieces or path.prefix.startswith("/"):
        return path
    if not isinstance(path.pieces[0], str) and not hasattr(path.pieces[0], "text"):
        return path  # an unknown first piece may be absolute
    base = invocation.cwd
    known = base.known
    separator = "" if known is not None and known.endswith("/") else "/"
    return concat((base, literal(separator), path))


def read_text(path: Value, invocation: Invocation, world: World) -> Value:
    """The text of a file named on the command line: written earlier in this command, or read from the machine.

    What cannot be known is one unknown piece of origin FILE. Bytes that are not UTF-8 are kept as surrogates.
    ``sources`` always names the file.
    """
    where = absolute(path, invocation).known
    if where is None:
        return unknown(Origin.FILE, str(path))
    where = posixpath.normpath(where)
    source = f"file:{where}"
    if where in invocation.written:
        content = invocation.written[where]
        return Value(content.pieces, content.sources | {source})
    if invocation.place:
        return unknown(Origin.FILE, where, sources=(source,))
    data = world.read(where)
    if data is None:
        return unknown(Origin.FILE, where, sources=(source,))
    return literal(data.decode("utf-8", "surrogateescape"), source)


def written(path: Value, invocation: Invocation) -> Value | None:
    """The content that this command line gave a file (absolute path), None where it made none."""
    known = path.known
    return invocation.written.get(posixpath.normpath(known)) if known else None


def environment(name: str, invocation: Invocation, world: World) -> Value | None:
    """The value of an environment variable as the program would see it, None where it is unset."""
    if name in invocation.env:
        return invocation.env[name]
    text = world.env.get(name)
    return literal(text, f"env:{name}") if text is not None else None
