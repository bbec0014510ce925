"""The conditions of ``when`` and ``unless``: what a rule asks the world about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Truth, Value, literal
from agentguard.light import dataclass, field
from agentguard.operations import Operation, ProgramCall
from agentguard.programs.contract import absolute, environment
from agentguard.rulebook.target import Target, target
from agentguard.rulebook.text import search
from agentguard.world.environments import PRODUCTION, UNKNOWN
from agentguard.world.protocol import Repository, World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agentguard.programs.git_place import Place


@dataclass(slots=True)
class Case:
    """One operation that a rule is asked about. ``strict``: an unknown environment counts as production."""

    operation: Operation
    invocation: Invocation
    world: World
    strict: bool = False
    _target: list[Target] = field(default_factory=list)

    @property
    def target(self) -> Target:
        if not self._target:
            self._target.append(target(self.operation, self.invocation, self.world))
        return self._target[0]


def all_hold(conditions: Mapping[str, Any], case: Case) -> Truth:
    """``when``: every condition."""
    truth = Truth.YES
    for key, wanted in conditions.items():
        truth = min(truth, _holds(key, wanted, case))
        if truth is Truth.NO:
            break
    return truth


def none_holds(conditions: Mapping[str, Any], case: Case) -> Truth:
    """``unless``: not one of the conditions."""
    lenient = Case(case.operation, case.invocation, case.world, False, case._target)
    truth = Truth.NO
    for key, wanted in conditions.items():
        truth = max(truth, _holds(key, wanted, lenient))
        if truth is Truth.YES:
            break
    return ~truth


def _holds(key: str, wanted: Any, case: Case) -> Truth:
    match key:
        case "git":
            return _git(wanted, case)
        case "branch":
            return _branch(wanted, case)
        case "environment":
            return _environment(wanted, case)
        case "place":
            return search(wanted, literal(case.invocation.place)).truth
        case "tag":
            return _yes(not case.invocation.tags.isdisjoint(wanted))
        case "env":
            return min(_variable(name, patterns, case) for name, patterns in wanted.items())
        case "file":
            return max(_file(pattern, case) for pattern in wanted)
    raise AssertionError(key)


def _yes(holds: bool) -> Truth:
    return Truth.YES if holds else Truth.NO


def _environment(wanted: Sequence[str], case: Case) -> Truth:
    found = case.target.environment
    if found in wanted:
        return Truth.YES
    if found == UNKNOWN and PRODUCTION in wanted:
        return Truth.YES if case.strict else Truth.MAYBE
    return Truth.NO


def _variable(name: str, patterns: Sequence[str], case: Case) -> Truth:
    value = environment(name, case.invocation, case.world)
    return Truth.NO if value is None else search(patterns, value).truth


def _file(pattern: str, case: Case) -> Truth:
    where = absolute(literal(pattern), case.invocation).known
    if where is None or case.invocation.place:
        return Truth.MAYBE
    if where in case.invocation.created or case.world.kind(where) != "missing":
        return Truth.YES
    directory, _, name = where.rpartition("/")
    if not any(sign in name for sign in "*?["):
        return Truth.NO
    names = case.world.listing(directory or "/")
    return _yes(any(fnmatchcase(found, name) for found in names or ()))


# ------------------------------------------------------------------------------------------------ git


def _place(case: Case) -> Place:
    """Where a call works: for git what its options and variables make of the working directory."""
    from agentguard.programs.git_place import Place, place  # few rules ask

    call = case.operation
    if isinstance(call, ProgramCall) and call.program == "git":
        return place(call, case.invocation, case.world)
    where = case.invocation.cwd
    known = where.known is not None and not case.invocation.place
    return Place(where, case.world.repository(where.known or "/") if known else None, known, case.invocation)


def _git(wanted: Sequence[str], case: Case) -> Truth:
    at = _place(case)
    if not at.known:
        return Truth.MAYBE
    repository = at.repository
    if repository is None:
        return _yes("none" in wanted)
    return _yes(any(_state(state, repository) for state in wanted))


def _state(state: str, repository: Repository) -> bool:
    match state:
        case "dirty":
            return repository.dirty
        case "untracked":
            return repository.untracked
        case "clean":
            return not repository.dirty and not repository.untracked
        case "unpushed":
            return bool(repository.branch and repository.unpushed(repository.branch))
        case "stash":
            return repository.stashes > 0
    return False


def _branch(wanted: Sequence[str], case: Case) -> Truth:
    """Whether a branch that is hit is protected; several branches count as protected if one is."""
    branches = _branches(case)
    if branches is None:
        return Truth.MAYBE
    protected = any(
        fnmatchcase(branch, pattern) for branch in branches for pattern in case.world.settings.protected_branches
    )
    return _yes(("protected" if protected else "other") in wanted)


def _branches(case: Case) -> list[str] | None:
    """The branches that a git call hits: the targets of a push, the operands of ``branch``, else the one checked
    out. None where that is not known."""
    from agentguard.world.pushes import destination

    call = case.operation
    words: Sequence[Value] = ()
    if isinstance(call, ProgramCall) and call.program == "git" and call.subcommand:
        words = {"push": call.operands[1:], "branch": call.operands}.get(call.subcommand[0], ())
    if any(word.known is None for word in words):
        return None
    names = [destination(str(word), "") for word in words] or [""]
    if "" not in names:
        return names
    repository = _place(case).repository
    if repository is None or repository.branch is None:
        return None
    return [name or repository.branch for name in names]
