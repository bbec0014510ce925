"""Searches for secrets outside the project: grep and rg for tokens, find and locate for files that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.operations import CredentialRead, Operation, ProgramCall
from agentguard.programs import secret_names as names
from agentguard.programs.contract import absolute
from agentguard.programs.secret_words import GREPS, normal, wanted
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_LOCATES: Final = frozenset(("locate", "plocate", "mlocate", "mdfind"))
_TESTS: Final = ("-name", "-iname", "-path", "-ipath", "-regex", "-iregex", "-wholename")
#: every program that searches
SEARCHING: Final = GREPS | _LOCATES | {"find", "fd", "fdfind"}


def hunts(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Operation]:
    """What of a search looks for secrets in places that are not the project's."""
    if call.program in _LOCATES:
        if any(names.hunted_file(str(operand)) for operand in call.operands):
            yield CredentialRead("the whole machine", "hunt")
        return
    if invocation.place:
        return
    home, project = world.home.rstrip("/"), world.project()
    for root in _roots(call, invocation):
        path = normal(names.rendered(absolute(root, invocation)))
        if names.searched(path, home, project) and path not in invocation.created:
            yield CredentialRead(path, "hunt")


def _roots(call: ProgramCall, invocation: Invocation) -> Sequence[Value]:
    """Where a search for secrets begins; nothing where it looks for something else."""
    if call.program in GREPS:
        return _grepped(call, invocation) if wanted(call) else ()
    if call.program == "find":
        words = [str(word) for word in invocation.argv[1:]]
        start = next((i for i, word in enumerate(words) if word.startswith(("-", "(", "!"))), len(words))
        tests = [value for test, value in pairwise(words) if test in _TESTS]
        return invocation.argv[1 : start + 1] or (invocation.cwd,) if any(map(names.hunted_file, tests)) else ()
    sought = [str(operand) for operand in call.operands[:1]]
    extension = call.value("-e", "--extension")
    if extension is not None:
        sought.append(f".{extension}")
    return call.operands[1:] or (invocation.cwd,) if any(map(names.hunted_file, sought)) else ()


def _grepped(call: ProgramCall, invocation: Invocation) -> Sequence[Value]:
    roots = call.operands if call.values("-e", "--regexp") else call.operands[1:]
    recursive = call.program in ("rg", "ag", "ack") or call.has("-r", "-R", "--recursive")
    return (invocation.cwd,) if not roots and invocation.stdin is None and recursive else roots
