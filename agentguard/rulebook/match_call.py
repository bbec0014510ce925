"""The ``call`` matcher: a program with its sub-command, options and operands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Truth, Unknown, Value, literal
from agentguard.operations import ProgramCall
from agentguard.programs.contract import environment
from agentguard.rulebook.text import NO, OPEN, YES, Outcome, both, either, globs, search
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_HELP: Final = ("--help", "-help")
#: act on the words before ``--help``
_HELPLESS: Final = frozenset(("kill", "killall"))


def match_call(matcher: Mapping[str, Any], call: ProgramCall, invocation: Invocation, world: World) -> Outcome:
    """Whether a call is what the rule describes."""
    paths: Sequence[Sequence[str]] = matcher.get("subcommand", [[]])
    return either(_at_path(path, matcher, call, invocation, world) for path in paths)


def _at_path(
    path: Sequence[str], matcher: Mapping[str, Any], call: ProgramCall, invocation: Invocation, world: World
) -> Outcome:
    truth, consumed = _path(path, call)
    if truth is Truth.NO or (call.has(*_HELP) and call.program not in _HELPLESS and matcher["program"] != ["*"]):
        return NO
    operands = call.operands[consumed:]
    if "verb" in matcher:
        rest = (*map(literal, call.subcommand[len(path) :]), *operands)
        verb = _verb(matcher, rest)
        truth = min(truth, verb.truth)
        if truth is Truth.NO:
            return NO
    found = both(_criteria(matcher, call, operands, invocation, world))
    firm = found.firm if truth is Truth.MAYBE or found.truth is Truth.MAYBE else True
    return Outcome(min(truth, found.truth), firm) if found.truth is not Truth.NO else NO


def _path(path: Sequence[str], call: ProgramCall) -> tuple[Truth, int]:
    """Whether the words of the call begin with a sub-command path, and how many operands that takes."""
    own = call.subcommand
    consumed = max(0, len(path) - len(own))
    if consumed > len(call.operands):
        return Truth.NO, 0
    words = [*map(literal, own[: len(path)]), *call.operands[:consumed]]
    truth = Truth.YES
    for pattern, word in zip(path, words, strict=True):
        truth = min(truth, globs((pattern,), word).truth)
        if truth is Truth.NO:
            break
    return truth, consumed


def _verb(matcher: Mapping[str, Any], words: Sequence[Value]) -> Outcome:
    """Whether the first word that is a verb, wanted or not, is a wanted one. An unknown word may be any."""
    for word in words[: matcher.get("within", 4)]:
        if word.unknown:
            return OPEN
        if globs(matcher.get("not_verb", ()), word).truth is Truth.YES:
            return NO
        if globs(matcher["verb"], word).truth is Truth.YES:
            return YES
    return NO


def _criteria(
    matcher: Mapping[str, Any], call: ProgramCall, operands: Sequence[Value], invocation: Invocation, world: World
) -> Iterator[Outcome]:
    """Each key of the rule. A MAYBE with nothing firm beside it is decided mildly (see text.Outcome)."""
    unsure = OPEN if call.opaque else NO
    if "none" in matcher and call.has(*matcher["none"]):
        yield NO
    if "any" in matcher:
        yield YES if call.has(*matcher["any"]) else unsure
    for names in matcher.get("all", ()):
        yield YES if call.has(*names) else unsure
    for names, patterns in matcher.get("values", ()):
        yield either((*(search(patterns, value) for value in call.values(*names)), unsure))
    for names, patterns in matcher.get("no_values", ()):
        yield _absent(either(search(patterns, value) for value in call.values(*names)))
    if "min_operands" in matcher and len(operands) < matcher["min_operands"]:
        yield OPEN if any(_many(operand) for operand in operands) else NO
    if "max_operands" in matcher and len(operands) > matcher["max_operands"]:
        yield OPEN if any(_many(operand) for operand in operands) else NO
    if "dashes" in matcher and matcher["dashes"] != (call.after_dashes is not None):
        yield NO
    if "first" in matcher:
        yield search(matcher["first"], operands[0]) if operands else NO
    if "last" in matcher:
        yield search(matcher["last"], operands[-1]) if operands else NO
    if "operand" in matcher:
        yield either(search(matcher["operand"], operand) for operand in operands)
    if "no_operand" in matcher:
        yield _absent(either(search(matcher["no_operand"], operand) for operand in operands))
    if "place" in matcher:
        yield search(matcher["place"], literal(invocation.place))
    if "stdin" in matcher:
        yield NO if invocation.stdin is None else search(matcher["stdin"], invocation.stdin)
    for name, patterns in matcher.get("env", {}).items():
        value = environment(name, invocation, world)
        yield NO if value is None else search(patterns, value)


def _absent(found: Outcome) -> Outcome:
    """A thing that must not be there. What is only possible does not excuse."""
    return NO if found.truth is Truth.YES else Outcome(Truth.YES, False)


def _many(operand: Value) -> bool:
    return any(isinstance(piece, Unknown) and piece.many for piece in operand.pieces)
