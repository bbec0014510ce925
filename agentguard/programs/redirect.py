"""What the redirections of any command do to files."""

from __future__ import annotations

from collections.abc import Iterable

from agentguard.interpret.invocation import Effect, Invocation, Redirection
from agentguard.interpret.values import Value
from agentguard.operations import FileRead
from agentguard.programs.contract import absolute
from agentguard.programs.files import overwrite
from agentguard.programs.streams import flowing, opened
from agentguard.world.protocol import World

#: Programs for which a file name is a text like any other.
_TEXTS = frozenset({"echo", "printf", "yes", "basename", "dirname", "realpath", "test", "[", "[["})
_STREAMS = ("/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/zero")
_BLANK = ("", "-n", "-e", "\\n")
_SILENT = frozenset({":", "true"})


def redirections(invocation: Invocation, world: World) -> Iterable[Effect]:
    """Reads, overwrites and appends of one invocation. Descriptors and the null device are nothing."""
    for item in invocation.redirections:
        known = item.target.known
        if item.operator in ("<<", "<<-", "<<<") or known in _STREAMS or (known or "").startswith("/dev/fd/"):
            continue
        if item.operator in (">&", "<&") and (known is None or known.rstrip("-").isdigit() or known == "-"):
            continue
        path = absolute(item.target, invocation)
        if item.operator in ("<", "<>"):
            yield FileRead(path)
        else:
            append = item.operator in (">>", "&>>")
            empties = not append and (_empties(item, invocation) or _reads(path, item, invocation))
            yield from overwrite(path, invocation, world, append=append, replaces=empties)


def _reads(path: Value, item: Redirection, invocation: Invocation) -> bool:
    """``sort f > f``, ``cat f | uniq > f``: the shell empties the file before anything is read from it.

    Whatever a program does with a file among its words, it finds it empty.
    """
    if path.known is None or item.descriptor not in (None, 1):
        return False
    where = opened(path, invocation)
    if flowing(where, invocation):
        return True
    return invocation.name not in _TEXTS and any(opened(word, invocation) == where for word in invocation.argv[1:])


def _empties(item: Redirection, invocation: Invocation) -> bool:
    """``> file`` alone, ``: > file``, ``cat /dev/null > file``: the content just goes."""
    if item.descriptor not in (None, 1):
        return False
    if not invocation.argv:
        return "compound" not in invocation.tags
    if invocation.name == "cat":
        return len(invocation.argv) == 2 and invocation.argv[1].known == "/dev/null"
    if invocation.name in ("echo", "printf"):  # nothing but a line end
        return all(word.known is not None and word.known.strip() in _BLANK for word in invocation.argv[1:])
    return invocation.name in _SILENT
