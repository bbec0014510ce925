"""``cd``, ``pushd``, ``popd``: where the following commands run, also where that may have failed."""

from __future__ import annotations

from dataclasses import replace

from agentguard.interpret import conditions, redirects
from agentguard.interpret.builtin_words import note, skip_options
from agentguard.interpret.calls import Call
from agentguard.interpret.interpreter import Interpreter
from agentguard.interpret.state import State
from agentguard.interpret.values import Origin, Pattern, Unknown, Value, literal, unknown


def cd(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    _, words = skip_options(call.argv[1:])
    target = words[0] if words else shell.expander.tilde("", state)
    if target.known == "-":
        target = state.previous or unknown(Origin.VARIABLE, "OLDPWD")
    return _go(shell, state, target)


def _go(shell: Interpreter, state: State, target: Value) -> list[State]:
    """The states after changing directory: one where it worked, and one where it may have failed."""
    failed: list[State] = []
    where = redirects.absolute(shell, target, state)
    if any(isinstance(p, Pattern) for p in where.pieces):
        some = Unknown(Origin.EXPANSION, "*", path_safe=True)
        where = replace(where, pieces=tuple(some if isinstance(p, Pattern) else p for p in where.pieces))
    known = where.known
    if known is not None:
        known = conditions.normal(known) if known else state.cwd.known or ""
        where = replace(literal(known), sources=where.sources)
    exists = known is not None and (known in state.created or shell.world.kind(known) in ("directory", "link"))
    if not exists and not state.frame.place:
        other = state.fork()
        other.success = False
        failed.append(other)
    state.previous, state.cwd = state.cwd, where
    state.success = True
    return [state, *failed]


def pushd(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    _, words = skip_options(call.argv[1:], "")
    if not words:
        return [state]
    state.directories = (state.cwd, *state.directories)
    return _go(shell, state, words[0])


def popd(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    if not state.directories:
        return [state]
    target, state.directories = state.directories[0], state.directories[1:]
    return _go(shell, state, target)
