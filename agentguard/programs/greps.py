"""Searches that print the names of files: what they print lies below the places they search."""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Origin, Unknown, Value, concat, literal
from agentguard.operations import ProgramCall
from agentguard.programs.contract import absolute
from agentguard.world.protocol import World

_NAMES = ("-l", "--files-with-matches", "-L", "--files-without-match", "--name-only", "--files")
_GIVEN = ("-e", "--regexp", "-f", "--file", "--files")
#: search the working directory where nothing else is named
_RECURSIVE = frozenset(("rg", "ag", "ack"))


def files_of(call: ProgramCall) -> Sequence[Value]:
    """The operands that are files; the first one is the pattern unless an option gave it."""
    return call.operands if call.has(*_GIVEN) else call.operands[1:]


def matching(call: ProgramCall, invocation: Invocation, world: World) -> Value | None:
    """The names that ``grep -rl``, ``rg -l`` or ``git grep -l`` prints; None where it prints lines."""
    if not call.has(*_NAMES):
        return None
    everywhere = call.program in _RECURSIVE or call.subcommand[:1] == ("grep",)
    recursive = everywhere or call.has("-r", "-R", "--recursive", "--dereference-recursive")
    roots = [word for word in files_of(call) if word.pieces]
    if not roots and (not recursive or (invocation.stdin is not None and not everywhere)):
        return None
    lines: list[Value] = []
    for root in roots or [literal(".")]:
        lines += (_below(root, invocation, world) if recursive else root, literal("\n"))
    found = concat(lines)
    return Value(found.pieces, found.sources | {f"cmd:{invocation.name}"})


def _below(root: Value, invocation: Invocation, world: World) -> Value:
    where = absolute(root, invocation).known
    if where is not None and not invocation.place and world.kind(where) == "file":
        return root
    separator = "" if (root.known or "").endswith("/") else "/"
    return concat((root, literal(separator), Value((Unknown(Origin.OUTPUT, "grep", many=True, path_safe=True),))))
